/**
 * Queries MySQL or MariaDB by `mysql2`, as a user that proves itself by a certificate:
 * `GET /alice` is as the user `alice`. `mysql2` is unmodified; its TLS is Sesame's by `alias`
 * of wrangler.jsonc.
 *
 * Set HOST and PORT there, and the secrets: `wrangler secret put CA < ca.pem`, and USERS, in
 * JSON: `{"alice": {"password": "…", "cert": "-----BEGIN …", "key": "-----BEGIN …"}}`. Then
 * `wrangler deploy`.
 *
 * @module
 */
import { createConnection } from "mysql2/promise";

interface Env {
  readonly HOST: string;
  readonly PORT: string;
  readonly CA: string;
  /** {@linkcode User} by the users' names. */
  readonly USERS: string;
}

interface User {
  readonly password: string;
  readonly cert: string;
  readonly key: string;
}

/** `mysql2` keeps sessions for as long as a user's object is the same: in an isolate. */
const options = new Map<string, object>();

const worker: { fetch(request: Request, env: Env): Promise<Response> } = {
  async fetch(request: Request, env: Env): Promise<Response> {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
    const users = new Map(Object.entries<User>(JSON.parse(env.USERS)));
    const user = users.get(name);
    if (!user) return new Response("No such user\n", { status: 404 });
    const { password, cert, key } = user;
    const ssl = options.get(name) ??
      { ca: env.CA, cert, key, verifyIdentity: true };
    options.set(name, ssl);
    const connection = await createConnection({
      host: env.HOST,
      port: Number(env.PORT),
      user: name,
      password,
      ssl,
      disableEval: true, // Workers compile no code at run time
    });
    const [rows] = await connection.query(
      "SELECT CURRENT_USER() AS user, VARIABLE_VALUE AS version " +
        "FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_version'",
    );
    await connection.end();
    return Response.json((rows as object[])[0]);
  },
};

export default worker;
