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
import {
  type HandshakeListener,
  storeAnswers,
  type TcpServer,
  underLoad,
} from "./tcp_load.mjs";

const STORE_SIZE = 4096;

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
    (onHandshake) => listen(m, certificates, onHandshake),
  );
}

function listen(
  m: Measurement,
  certificates: string,
  onHandshake: HandshakeListener,
): TcpServer {
  const context = new TlsContext({
    cert: readFileSync(join(certificates, `${m.key}.cert.pem`), "utf8"),
    key: readFileSync(join(certificates, `${m.key}.key.pem`), "utf8"),
    sessions: lateStore(),
  });
  const listener = listenTls({ hostname: "127.0.0.1", port: 0, context });
  const serving = (async () => {
    for await (const socket of listener) {
      onHandshake(socket.resumption?.resumed === true);
      socket.close();
    }
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

function lateStore(): SessionStore {
  const store = new MemorySessionStore({ maxEntries: STORE_SIZE });
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
