/**
 * Sockets of `node:net`, for the runtimes that have them.
 *
 * @module
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import process from "node:process";
import {
  nodeTransport,
  startTls,
  TlsContext,
  type TlsSocket,
} from "../../mod.ts";
import { testCertificate } from "../support/peers.ts";
import type { Checks } from "./checks.ts";

/** Where the servers of the checks listen. */
export const HOST = "127.0.0.1";
/** A record with a client hello that has no content. */
const EMPTY_HELLO = Uint8Array.of(22, 3, 1, 0, 4, 1, 0, 0, 0);

/** Checks of `nodeTransport`. */
export const NODE_SOCKET_CHECKS: Checks = {
  "node:net: an echo over sockets": () => withServer(echoOnce),
  "node:net: bad clients don't end the process": () =>
    withServer(async (port) => {
      const unhandled: unknown[] = [];
      const note = (error: unknown): void => void unhandled.push(error);
      process.on("uncaughtException", note);
      process.on("unhandledRejection", note);
      for (const misbehave of Object.values(MISBEHAVIOUR)) {
        await new Promise<void>((resolve) => {
          const socket = connect(port, HOST, () => misbehave(socket));
          socket.on("error", () => {}).on("close", () => resolve()).resume();
        });
        await echoOnce(port);
      }
      process.off("uncaughtException", note);
      process.off("unhandledRejection", note);
      if (unhandled.length > 0) throw unhandled[0];
    }),
  "node:net: a socket with an encoding is refused": refuseEncoding,
};

const MISBEHAVIOUR: Record<string, (socket: Socket) => void> = {
  "connects and closes": (socket) => socket.end(),
  "resets": (socket) => socket.resetAndDestroy(),
  "sends nonsense": (socket) => socket.end("GET / HTTP/1.1\r\n\r\n"),
  "sends nonsense, and resets": (socket) => {
    socket.write(EMPTY_HELLO, () => socket.resetAndDestroy());
  },
};

/** Runs with an echo server of TLS, on a port of its own. */
export async function withServer(
  use: (port: number) => Promise<void>,
): Promise<void> {
  const context = contextOf();
  const server = createServer((socket) => {
    const tls = startTls(nodeTransport(socket), { role: "server", context });
    tls.readable.pipeTo(tls.writable).catch(() => {});
  });
  try {
    await use(await portOf(server));
  } finally {
    await new Promise((resolve) => server.close(resolve));
    context.close();
  }
}

function portOf(server: Server): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, HOST, () => {
      const address = server.address();
      resolve(typeof address === "object" ? address?.port ?? 0 : 0);
    })
  );
}

async function echoOnce(port: number): Promise<void> {
  const context = contextOf();
  const tls = startTls(nodeTransport(connect(port, HOST)), {
    role: "client",
    context,
    hostname: "localhost",
  });
  context.close();
  // Half-close: the server's answer comes after the client's end.
  const data = new Uint8Array(300_000).map((_, i) => i % 251);
  const writer = tls.writable.getWriter();
  const written = writer.write(data).then(() => writer.close());
  const heard = await bytesOf(tls);
  await written;
  await tls.closed;
  if (heard.length !== data.length || heard.some((b, i) => b !== data[i])) {
    throw new Error(`${heard.length} bytes came back of ${data.length}`);
  }
}

async function bytesOf({ readable }: TlsSocket): Promise<Uint8Array> {
  const reader = readable.getReader();
  const chunks: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
  }
  return new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
}

async function refuseEncoding(): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  const port = await portOf(server);
  const socket = connect(port, HOST);
  socket.on("error", () => {});
  socket.setEncoding("utf8");
  try {
    nodeTransport(socket);
  } catch (error) {
    if (String(error).includes("text (utf8)")) return;
    throw error;
  } finally {
    socket.destroy();
    server.close();
  }
  throw new Error("It was taken");
}

function contextOf(): TlsContext {
  const { cert, key } = testCertificate("P-256");
  return new TlsContext({ cert, key, caCerts: [cert] });
}
