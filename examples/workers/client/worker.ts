/**
 * Visits an HTTPS server of a private authority, with a client certificate: answers with the
 * server's certificate, whether the session was resumed, and what the server said. Sessions
 * are in a Durable Object, so that every isolate resumes them.
 *
 * Set HOST and PORT in wrangler.jsonc, and the secrets, in PEM:
 * `wrangler secret put CA < ca.pem`, and so CERT and KEY. Then `wrangler deploy`.
 *
 * @module
 */
import { connect } from "cloudflare:sockets";
import { startTls, TlsContext } from "@sesame/tls";
import {
  DurableObjectSessionStore,
  type SessionObjectNamespace,
} from "@sesame/tls/stores/cloudflare";

export { SessionObject } from "@sesame/tls/stores/cloudflare";

interface Env {
  readonly SESSIONS: SessionObjectNamespace;
  readonly HOST: string;
  readonly PORT: string;
  readonly CA: string;
  readonly CERT: string;
  readonly KEY: string;
}

/** Of the isolate, made by its first request: earlier there is no entropy. */
let isolate: { readonly id: string; readonly context: TlsContext } | undefined;

const worker: { fetch(request: Request, env: Env): Promise<Response> } = {
  async fetch(_request: Request, env: Env): Promise<Response> {
    isolate ??= {
      id: crypto.randomUUID(),
      context: new TlsContext({
        caCerts: [env.CA],
        cert: env.CERT,
        key: env.KEY,
      }),
    };
    const server = { hostname: env.HOST, port: Number(env.PORT) };
    const socket = await startTls(connect(server), {
      ...server,
      role: "client",
      context: isolate.context,
      sessions: new DurableObjectSessionStore(env.SESSIONS),
      lookupTimeout: 2_000, // the object may be far away
    });
    const { protocol, resumed, peerCertificate } = await socket.opened;
    return Response.json({
      isolate: isolate.id,
      protocol,
      resumed,
      peerCertificate,
      answer: await get(socket, env.HOST),
    });
  },
};

export default worker;

/** What an HTTP server says to a request on a connection of its own. */
async function get(
  { readable, writable }: {
    readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
    readonly writable: WritableStream<Uint8Array>;
  },
  host: string,
): Promise<string> {
  const request =
    `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode(request));
  const text = await new Response(readable).text();
  await writer.close();
  return text.slice(text.indexOf("\r\n\r\n") + 4);
}
