/**
 * A server for the tests of bench/load.ts, which counts by itself.
 *
 * @module
 */
import { MemorySessionStore } from "../../src/stores/memory.ts";
import { TlsContext } from "../../src/tls/context/context.ts";
import { listenTls } from "../../src/tls/deno/listener.ts";
import type { SessionStats } from "../../src/tls/sessions/session_stats.ts";
import type { TlsSocket } from "../../src/tls/socket/socket.ts";
import { certificate } from "./engines.ts";

const HOSTNAME = "127.0.0.1";

/** A good answer. */
export const ANSWER = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello";

/** How it serves. */
export interface TestServerOptions {
  /** Where its sessions live; by default it has a store of its own. */
  sessions?: MemorySessionStore;
  /** The nth connection's answer, from 1 on; null to close it unasked. */
  answer?: (n: number) => string | null;
}

/** A server that counts, and answers every request. */
export class TestServer implements AsyncDisposable {
  /** Its `HOST:PORT`. */
  readonly target: string;
  readonly #context: TlsContext;
  readonly #stop: () => Promise<void>;
  #open = 0;
  /** How many connections were open at a time, at most. */
  mostOpen = 0;

  constructor(
    { sessions = new MemorySessionStore(), answer = () => ANSWER }:
      TestServerOptions = {},
  ) {
    const context = new TlsContext({ ...certificate, sessions });
    this.#context = context;
    const listener = listenTls({ hostname: HOSTNAME, port: 0, context });
    this.target = `${HOSTNAME}:${listener.addr.port}`;
    const connections = new Set<Promise<void>>();
    const serving = (async () => {
      let n = 0;
      for await (const socket of listener) {
        const connection = this.#serve(socket, answer(++n))
          .finally(() => connections.delete(connection));
        connections.add(connection);
      }
    })();
    this.#stop = async () => {
      listener.close();
      await serving;
      await Promise.all(connections);
      context.close();
    };
  }

  /** What it has counted. */
  get stats(): SessionStats {
    return this.#context.stats;
  }

  async #serve(socket: TlsSocket, answer: string | null): Promise<void> {
    this.mostOpen = Math.max(this.mostOpen, ++this.#open);
    try {
      if (answer === null) return;
      await socket.readable.getReader().read();
      const writer = socket.writable.getWriter();
      await writer.write(new TextEncoder().encode(answer));
    } catch {
      // The client has gone.
    } finally {
      await socket.close();
      this.#open--;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}
