import type { TlsContext } from "../tls/context/context.ts";
import { TlsEngine } from "../tls/engine/engine.ts";
import type { Deadline } from "./client/deadline.ts";
import type { Target } from "./client/target.ts";
import type { ReadResult, Wire } from "./client/wire.ts";

const ANSWER = new TextEncoder().encode(
  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
);

/** Servers in memory, one for each context: "1", "2" and so on. */
export class SandboxTarget implements Target {
  readonly #contexts: TlsContext[];

  /** Makes a server of each context. */
  constructor(contexts: readonly TlsContext[]) {
    this.#contexts = [...contexts];
  }

  get nodes(): readonly string[] {
    return this.#contexts.map((_, i) => `${i + 1}`);
  }

  open(node: string): Promise<Wire> {
    const context = this.#contexts[Number(node) - 1];
    return context === undefined
      ? Promise.reject(new TypeError(`There is no node ${node}`))
      : Promise.resolve(new SandboxWire(context));
  }

  /** Replaces the contexts that serve. */
  replace(contexts: readonly TlsContext[]): void {
    this.#contexts.splice(0, contexts.length, ...contexts);
  }
}

/** A connection to a server of a context, which answers each request with an empty response. */
class SandboxWire implements Wire {
  readonly #server: TlsEngine;

  constructor(context: TlsContext) {
    this.#server = new TlsEngine(context, { role: "server" });
  }

  async write(bytes: Uint8Array, deadline: Deadline): Promise<void> {
    this.#quietly(() => this.#server.receive(bytes));
    while (this.#server.pending) await deadline.within(this.#server.pending);
    this.#quietly(() => {
      this.#server.readEarlyData();
      if (this.#server.read().length > 0) this.#server.write(ANSWER);
      if (this.#server.peerClosed) this.#server.close();
    });
  }

  async read(_ms: number | null, deadline: Deadline): Promise<ReadResult> {
    while (this.#server.pending) await deadline.within(this.#server.pending);
    const bytes = this.#server.send();
    if (bytes.length > 0) return bytes;
    return ENDED.has(this.#server.state) ? "end" : "silence";
  }

  endWriting(): Promise<void> {
    this.#quietly(() => this.#server.endOfInput());
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#quietly(() => this.#server.endOfInput());
    this.#server[Symbol.dispose]();
    return Promise.resolve();
  }

  /** Does something with the server. If that fails, the client gets an alert. */
  #quietly(action: () => void): void {
    if (ENDED.has(this.#server.state)) return;
    try {
      action();
    } catch {
      // The engine's state says so.
    }
  }
}

const ENDED: ReadonlySet<string> = new Set(["closed", "failed"]);
