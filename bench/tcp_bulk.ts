/**
 * Bulk data over TCP, as a share of what the engine does without it.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { TlsContext } from "../src/tls/context/context.ts";
import { connectTls } from "../src/tls/deno/connect.ts";
import { listenTls } from "../src/tls/deno/listener.ts";
import { TlsEngine } from "../src/tls/engine/engine.ts";
import type { TlsSocket } from "../src/tls/socket/socket.ts";
import type { Measurement } from "./measurements.mjs";
import { rate } from "./peer.mjs";

const CHUNK = new Uint8Array(65_536);
const TICK_MS = 20;
const SUITES = {
  "AES-128-GCM": "TLS_AES_128_GCM_SHA256",
  "AES-256-GCM": "TLS_AES_256_GCM_SHA384",
  "ChaCha20-Poly1305": "TLS_CHACHA20_POLY1305_SHA256",
};

/**
 * The rate of both ends over the loopback, by calls or by streams, divided by that of two
 * engines that are joined in memory: each in a second of this process's processor time.
 */
export async function bulkOverTcp(
  m: Measurement,
  seconds: number,
  certificates: string,
): Promise<number> {
  const cert = readFileSync(join(certificates, `${m.key}.cert.pem`), "utf8");
  const key = readFileSync(join(certificates, `${m.key}.key.pem`), "utf8");
  using context = new TlsContext({
    cert,
    key,
    caCerts: [cert],
    minVersion: m.version,
    maxVersion: m.version,
    configure: [["Ciphersuites", SUITES[m.cipher]]],
  });
  const engines = await rate(seconds, engineStep(context));
  const { client, server } = await connect(context);
  const step = m.metric.startsWith("pipeTo")
    ? pipe(client, server)
    : readAndWrite(client, server);
  const sockets = await rate(seconds, step);
  await Promise.allSettled([client.close(), server.close()]);
  return sockets / engines;
}

function engineStep(context: TlsContext): () => number {
  const server = new TlsEngine(context, { role: "server" });
  const client = new TlsEngine(context, {
    role: "client",
    hostname: "localhost",
  });
  while (server.state !== "open") {
    server.receive(client.send());
    client.receive(server.send());
  }
  return () => {
    client.write(CHUNK);
    server.receive(client.send());
    return server.read().length;
  };
}

async function connect(
  context: TlsContext,
): Promise<{ client: TlsSocket; server: TlsSocket }> {
  using listener = listenTls({ hostname: "127.0.0.1", port: 0, context });
  const [client, server] = await Promise.all([
    connectTls({
      hostname: "127.0.0.1",
      servername: "localhost",
      port: listener.addr.port,
      context,
    }),
    listener.accept(),
  ]);
  return { client, server };
}

function readAndWrite(
  client: TlsSocket,
  server: TlsSocket,
): () => Promise<number> {
  (async () => {
    for (;;) await client.write(CHUNK);
  })().catch(() => {});
  const buffer = new Uint8Array(CHUNK.length);
  return async () => await server.read(buffer) ?? 0;
}

function pipe(client: TlsSocket, server: TlsSocket): () => Promise<number> {
  let received = 0;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(CHUNK.slice()),
  });
  const target = new WritableStream<Uint8Array>({
    write: (chunk) => void (received += chunk.length),
  });
  source.pipeTo(client.writable).catch(() => {});
  server.readable.pipeTo(target).catch(() => {});
  return async () => {
    const before = received;
    await setTimeout(TICK_MS);
    return received - before;
  };
}
