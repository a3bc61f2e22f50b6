/**
 * Terminates TLS in a Worker, on the bytes of a WebSocket: a Worker can't listen by TCP, but
 * a WebSocket brings it any bytes. Who speaks TLS to it sees this Worker's own certificate, in
 * place of Cloudflare's. Sessions are in a Durable Object, so that every isolate resumes them.
 * `bridge.ts` has a TCP port for it, for any TLS client.
 *
 * The secrets are in PEM: `wrangler secret put CERT < cert.pem`, and so KEY. Then
 * `wrangler deploy`.
 *
 * @module
 */
import { startTls, TlsContext } from "@sesame/tls";
import {
  DurableObjectSessionStore,
  type SessionObjectNamespace,
} from "@sesame/tls/stores/cloudflare";
import { type TunnelSocket, tunnelTransport } from "./tunnel.ts";

export { SessionObject } from "@sesame/tls/stores/cloudflare";

interface Env {
  readonly SESSIONS: SessionObjectNamespace;
  readonly CERT: string;
  readonly KEY: string;
}

interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void;
}

interface Worker {
  fetch(request: Request, env: Env, execution: ExecutionContext): Response;
}

declare const WebSocketPair: new () => { 0: WebSocket; 1: TunnelSocket };

/** Of the isolate, made by its first request: earlier there is no entropy. */
let isolate: { readonly id: string; readonly context: TlsContext } | undefined;

const worker: Worker = {
  fetch(request: Request, env: Env, execution: ExecutionContext): Response {
    if (request.headers.get("Upgrade") !== "websocket") {
      return new Response("This is for WebSockets\n", { status: 426 });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    execution.waitUntil(serve(server, env).catch(console.error));
    return new Response(null, { status: 101, webSocket: client } as object);
  },
};

export default worker;

/** Answers an HTTP request with what is known of its connection. */
async function serve(socket: TunnelSocket, env: Env): Promise<void> {
  isolate ??= {
    id: crypto.randomUUID(),
    context: new TlsContext({
      cert: env.CERT,
      key: env.KEY,
      alpnProtocols: ["http/1.1"],
      sessions: new DurableObjectSessionStore(env.SESSIONS),
      lookupTimeout: 2_000, // the object may be far away
    }),
  };
  const { id, context } = isolate;
  const tls = startTls(tunnelTransport(socket), { role: "server", context });
  const { protocol, resumed, resumption } = await tls.opened;
  let request = "";
  const texts = tls.readable.pipeThrough(new TextDecoderStream());
  for await (const text of texts) {
    request += text;
    if (request.includes("\r\n\r\n")) break;
  }
  const body = JSON.stringify({ isolate: id, protocol, resumed, resumption });
  const writer = tls.writable.getWriter();
  await writer.write(
    new TextEncoder().encode(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" +
        `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    ),
  );
  await writer.close();
}
