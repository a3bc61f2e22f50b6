/**
 * Two servers behind a balancer, in OpenSSL instances of their own, which have nothing in
 * common but a store that answers later: who resumes has crossed from one to the other.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  listenTls,
  OpenSSL,
  type ResumptionFailure,
  type SessionStore,
  TlsContext,
  type TlsContextOptions,
  type TlsListener,
  type TlsSocket,
  type TlsSocketInfo,
  type TlsVersion,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { AsyncStore } from "../testdata/async_store.ts";
import { balance, type Balancer } from "./balancer.ts";
import { certificate } from "./engines.ts";

const STORE_MS = 5;
const DEADLINE_MS = 10_000;

/** What all the servers answer, whatever they are asked. */
export const BODY = "Open sesame";

const PAGE = new TextEncoder().encode(
  `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
);

/** A handshake, as the server saw it. */
export interface Visit {
  /** Which server it was: 0 or 1. */
  readonly server: number;
  readonly info: TlsSocketInfo;
  /** The early data that came with it. */
  readonly early: string;
}

/** A store that waits before its work, and again before it says that it is done. */
export function storeAfter(wait: () => Promise<void>): SessionStore {
  return new AsyncStore(new MemorySessionStore(), { wait });
}

/** The options of a context that speaks one version only. */
export function only(version: TlsVersion): TlsContextOptions {
  return { minVersion: version, maxVersion: version };
}

/** Two servers that share a store. Each connection goes to the other one. */
export class Fleet implements AsyncDisposable {
  readonly contexts: TlsContext[];
  /** The handshakes so far. */
  readonly visits: Visit[] = [];
  /** What clients connect to. */
  readonly balancer: Balancer;
  /** What went wrong on the servers' side. */
  readonly failures: unknown[] = [];
  readonly #listeners: TlsListener[];
  readonly #serving: Promise<void>[];

  /** Servers with a slow store, unless told. */
  constructor(options: TlsContextOptions = {}) {
    const sessions = options.sessions ??
      storeAfter(() => delay(STORE_MS));
    this.contexts = [0, 1].map(() =>
      new TlsContext({
        ...certificate,
        // A machine that is busy is no failing store.
        lookupTimeout: DEADLINE_MS,
        writeTimeout: DEADLINE_MS,
        ...options,
        sessions,
        openssl: new OpenSSL(),
      })
    );
    this.#listeners = this.contexts.map((context) =>
      listenTls({
        hostname: "127.0.0.1",
        port: 0,
        context,
        onConnectionError: (error) => this.failures.push(error),
      })
    );
    this.#serving = this.#listeners.map((listener, i) =>
      this.#serve(listener, i)
    );
    this.balancer = balance(this.ports);
  }

  /** The port that clients connect to. */
  get port(): number {
    return this.balancer.port;
  }

  /** The ports of the servers themselves. */
  get ports(): number[] {
    return this.#listeners.map(({ addr }) => addr.port);
  }

  /** The handshakes, once there are so many. */
  async visited(count: number): Promise<Visit[]> {
    const end = Date.now() + DEADLINE_MS;
    while (this.visits.length < count && Date.now() < end) await delay(10);
    assertEquals(this.visits.length, count, "handshakes");
    return this.visits;
  }

  /** Asserts that the second of two handshakes resumed on one server what the other made. */
  async assertResumed(
    version: TlsVersion,
    firstReason: ResumptionFailure = "none-offered",
  ): Promise<void> {
    const visits = await this.visited(2);
    assertEquals(
      visits.map(({ server, info: { resumption } }) => ({
        server,
        resumption,
      })),
      [
        { server: 0, resumption: { resumed: false, reason: firstReason } },
        { server: 1, resumption: { resumed: true, from: "store" } },
      ],
    );
    assertEquals(this.failures, []);
    for (const { info } of visits) assertEquals(info.protocol, version);
    const [one, two] = this.contexts.map(({ stats }) => stats);
    assertEquals(one?.full, { [firstReason]: 1 });
    assertEquals(two?.resumed, { store: 1 });
    assertEquals(two?.lookups, 1);
    assertEquals([one?.storeErrors, two?.storeErrors], [0, 0]);
  }

  /** Asserts that all handshakes were full, for a reason each. */
  async assertFull(reasons: string[]): Promise<void> {
    const visits = await this.visited(reasons.length);
    assertEquals(this.failures, []);
    for (const [i, { info: { resumption } }] of visits.entries()) {
      assert(!resumption.resumed);
      assertEquals(resumption.reason, reasons[i]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.balancer[Symbol.asyncDispose]();
    for (const listener of this.#listeners) listener.close();
    await Promise.all(this.#serving);
    for (const context of this.contexts) context.close();
  }

  async #serve(listener: TlsListener, server: number): Promise<void> {
    const sockets: Promise<unknown>[] = [];
    for await (const socket of listener) {
      const served = this.#answer(socket, server)
        .catch((error) => this.failures.push(error));
      sockets.push(served);
    }
    await Promise.all(sockets);
  }

  /** Answers HTTP, and whatever else comes, with a page and the end of the connection. */
  async #answer(socket: TlsSocket, server: number): Promise<void> {
    await using _socket = socket;
    const info = await socket.opened;
    const early = await new Response(socket.earlyData).text();
    this.visits.push({ server, info, early });
    const { done } = await socket.readable.getReader().read();
    if (done) return;
    const writer = socket.writable.getWriter();
    await writer.write(PAGE);
    await writer.close();
  }
}

/** Lets time pass. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
