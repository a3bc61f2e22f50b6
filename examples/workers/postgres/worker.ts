/**
 * Queries PostgreSQL by `pg`, as a user that proves itself by a certificate: `GET /alice` is
 * as the user `alice`. `pg` is unmodified; its TLS is Sesame's by `alias` of wrangler.jsonc.
 *
 * Set HOST, PORT and DATABASE there, and the secrets: `wrangler secret put CA < ca.pem`, and
 * USERS, in JSON: `{"alice": {"cert": "-----BEGIN …", "key": "-----BEGIN …"}}`. Then
 * `wrangler deploy`.
 *
 * @module
 */
import pg from "pg";

interface Env {
  readonly HOST: string;
  readonly PORT: string;
  readonly DATABASE: string;
  readonly CA: string;
  /** The certificates and keys, by the users' names. */
  readonly USERS: string;
}

/** How PostgreSQL sees the connection that asks. */
const STATUS =
  "SELECT version, client_dn, current_user FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

const worker: { fetch(request: Request, env: Env): Promise<Response> } = {
  async fetch(request: Request, env: Env): Promise<Response> {
    const user = decodeURIComponent(new URL(request.url).pathname.slice(1));
    const users = new Map(Object.entries<object>(JSON.parse(env.USERS)));
    const credentials = users.get(user);
    if (!credentials) return new Response("No such user\n", { status: 404 });
    const client = new pg.Client({
      host: env.HOST,
      port: Number(env.PORT),
      user,
      database: env.DATABASE,
      ssl: { ca: env.CA, ...credentials },
    });
    await client.connect();
    const { rows } = await client.query(STATUS);
    await client.end();
    return Response.json(rows[0]);
  },
};

export default worker;
