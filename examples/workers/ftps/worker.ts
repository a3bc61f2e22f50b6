/**
 * Uploads a request's body by FTPS: `PUT /name`. Servers such as vsftpd and FileZilla's want
 * each data connection to resume the session of its control connection, which `connect()`
 * can't. `basic-ftp` is unmodified; its TLS is Sesame's by `alias` of wrangler.jsonc.
 *
 * Set HOST, PORT and USER there, and the secrets: `wrangler secret put CA < ca.pem`, and
 * PASSWORD. Then `wrangler deploy`. Whoever knows the Worker's address may upload: put Access
 * before it.
 *
 * @module
 */
import { Readable } from "node:stream";
import { Client } from "basic-ftp";

interface Env {
  readonly HOST: string;
  readonly PORT: string;
  readonly USER: string;
  readonly PASSWORD: string;
  readonly CA: string;
}

/** The directory and its parent are no file's name. */
const NAME = /^\/(?!\.{1,2}$)([\w.-]{1,200})$/;

const worker: { fetch(request: Request, env: Env): Promise<Response> } = {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, name] = NAME.exec(new URL(request.url).pathname) ?? [];
    if (request.method !== "PUT" || name === undefined) {
      return new Response("PUT /name\n", { status: 400 });
    }
    const client = new Client();
    try {
      await client.access({
        host: env.HOST,
        port: Number(env.PORT),
        user: env.USER,
        password: env.PASSWORD,
        secure: true,
        secureOptions: { ca: env.CA },
      });
      const body = new Uint8Array(await request.arrayBuffer());
      const { message } = await client.uploadFrom(Readable.from([body]), name);
      return new Response(`${message}\n`, { status: 201 });
    } finally {
      client.close();
    }
  },
};

export default worker;
