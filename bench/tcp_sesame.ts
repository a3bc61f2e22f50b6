/**
 * A server of Sesame's over TCP, with a store that answers later.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MemorySessionStore } from "../src/stores/memory.ts";
import type { SessionStore } from "../src/stores/session_store.ts";
import { TlsContext } from "../src/tls/context/context.ts";
import { listenTls } from "../src/tls/deno/listener.ts";
import type { Measurement } from "./measurements.mjs";
import type { TlsSocket } from "../src/tls/socket/socket.ts";
import { holdConnections } from "./tcp_hold.mjs";
import { storeAnswers, type TcpServer, underLoad } from "./tcp_load.mjs";

const STORE_SIZE = 4096;
/** Where the memory of connections is measured, and not that of their sessions. */
const FEW_SESSIONS = 16;

/** Resumed handshakes in a second of this process's processor time. */
export function handshakesOverTcp(
  m: Measurement,
  seconds: number,
  certificates: string,
): Promise<number> {
  return underLoad(
    m,
    seconds,
    certificates,
    (onHandshake) =>
      listen(m, certificates, STORE_SIZE, (socket) => {
        onHandshake(socket.resumption?.resumed === true);
        socket.close();
      }),
  );
}

/** Opens connections that have each echoed a byte; the result closes them. */
export function holdOverTcp(
  m: Measurement,
  count: number,
  certificates: string,
): Promise<() => Promise<void>> {
  return holdConnections(
    m,
    count,
    certificates,
    () => listen(m, certificates, FEW_SESSIONS, (socket) => void echo(socket)),
  );
}

function listen(
  m: Measurement,
  certificates: string,
  storeSize: number,
  onSocket: (socket: TlsSocket) => void,
): TcpServer {
  const context = new TlsContext({
    cert: readFileSync(join(certificates, `${m.key}.cert.pem`), "utf8"),
    key: readFileSync(join(certificates, `${m.key}.key.pem`), "utf8"),
    ...(m.tickets === undefined
      ? { sessions: lateStore(storeSize) }
      : { tickets: m.tickets }),
  });
  const listener = listenTls({ hostname: "127.0.0.1", port: 0, context });
  const serving = (async () => {
    for await (const socket of listener) onSocket(socket);
  })();
  return {
    port: listener.addr.port,
    close: async () => {
      listener.close();
      await serving;
      context.close();
    },
  };
}

async function echo(socket: TlsSocket): Promise<void> {
  const buffer = new Uint8Array(512);
  try {
    for (;;) {
      const count = await socket.read(buffer);
      if (count === null) return;
      await socket.write(buffer.slice(0, count));
    }
  } catch { /* The client has ended without close_notify. */ }
}

function lateStore(maxEntries: number): SessionStore {
  const store = new MemorySessionStore({ maxEntries });
  return {
    get: async (id) => {
      await storeAnswers();
      return store.get(id);
    },
    set: async (id, record, options) => {
      await storeAnswers();
      store.set(id, record, options);
    },
    delete: async (id, reason) => {
      await storeAnswers();
      store.delete(id, reason);
    },
  };
}
