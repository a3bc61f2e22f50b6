import type { OpenSSL } from "../../libssl/openssl.ts";
import type { TlsEngine } from "../../tls/engine/engine.ts";
import type { TlsSocket } from "../../tls/socket/socket.ts";
import type { VirtualClock } from "../clock.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Seed } from "../entropy.ts";
import type { Network } from "../network.ts";
import type { NetworkOptions } from "../network/types.ts";
import type { TestPki } from "../pki/types.ts";
import type { Trace } from "../trace.ts";
import type {
  TlsPairClientOptions,
  TlsPairServerOptions,
  TlsReconnectOptions,
} from "./connect_options.ts";

/** Options of {@linkcode createTlsSandbox}. */
export interface TlsSandboxOptions {
  /** The seed of all randomness. By default a random one. */
  seed?: Seed | undefined;
  /** The time at which the clock starts. By default 2030-01-01 UTC. */
  start?: Date | number | undefined;
  /** The clock, in place of a new one that starts at `start`. */
  clock?: VirtualClock | undefined;
}

/**
 * An OpenSSL instance for clients and one for servers, with a virtual clock and certificates.
 * The two instances share nothing with each other or with any other.
 */
export interface TlsSandbox extends Disposable {
  /** The seed as text. A sandbox with the same seed sends the same bytes. */
  readonly seed: string;
  /** The clock of both instances and of the certificates. Stores need its `clock.now`. */
  readonly clock: VirtualClock;
  /** The instance for clients, created when it is first read. */
  readonly client: OpenSSL;
  /** The instance for servers, created when it is first read. */
  readonly server: OpenSSL;
  /** Certificates that are valid around the time at which the sandbox was created. */
  readonly pki: TestPki;
  /**
   * The `keyLog` option for contexts that the test creates itself. The trace of a pair
   * includes the lines that belong to its connection. Contexts that a pair creates have it.
   */
  readonly keyLog: (line: string) => void;
  /**
   * Calls {@linkcode createTlsPair} with this sandbox. The sandbox disposes of the pair, and
   * of those that it reconnects, when it is disposed of itself.
   */
  pair(options?: Omit<TlsPairOptions, "sandbox" | "seed" | "clock">): TlsPair;
  /** Calls {@linkcode createTlsSocketPair} with this sandbox. The caller closes the pair. */
  socketPair(
    options?: Omit<TlsSocketPairOptions, "sandbox" | "seed" | "clock">,
  ): TlsSocketPair;
}

/** Options of {@linkcode createTlsPair}. */
export interface TlsPairOptions {
  /** The client. By default it uses the sandbox's `client` and trusts the PKI's root. */
  client?: TlsPairClientOptions | undefined;
  /**
   * The server. By default it uses the sandbox's `server` with the PKI's certificate
   * `server`, and trusts the PKI's root for client certificates. A store needs the sandbox's
   * clock: see {@linkcode TlsPairServerOptions}.
   */
  server?: TlsPairServerOptions | undefined;
  /** The network. By default it delivers all bytes at once. */
  network?: NetworkOptions | undefined;
  /** The seed of all randomness. By default a random one. */
  seed?: Seed | undefined;
  /**
   * The clock of both endpoints. By default a new one. `FakeTime` moves one that
   * {@linkcode VirtualClock.following | follows} `Date.now`.
   */
  clock?: VirtualClock | undefined;
  /** The sandbox, in place of a new one with `seed` and `clock`. */
  sandbox?: TlsSandbox | undefined;
  /** Whether the trace hides secrets. By default true. */
  redact?: boolean | undefined;
}

/** Options of {@linkcode createTlsSocketPair}. */
export interface TlsSocketPairOptions extends TlsPairOptions {
  /**
   * Whether the clock moves by itself to the time at which bytes arrive. With `false` they are
   * in flight until {@linkcode TlsSocketPair.advance}. By default true.
   */
  autoAdvance?: boolean | undefined;
  /**
   * The limit of the handshake in milliseconds of a real timer, as for any socket. `FakeTime`
   * of `@std/testing` moves it. By default 10 000.
   */
  handshakeTimeout?: number | undefined;
}

/** A client and a server that are connected in memory, and the trace of the connection. */
export interface TlsPair extends Disposable {
  /** The client. */
  readonly client: TlsEngine;
  /** The server. */
  readonly server: TlsEngine;
  /** The trace of the connection. */
  readonly trace: Trace;
  /** The network between the two. */
  readonly network: Network;
  /** The sandbox that the pair runs in. */
  readonly sandbox: TlsSandbox;
  /** The sandbox's seed. */
  readonly seed: string;
  /** The sandbox's clock. */
  readonly clock: VirtualClock;
  /**
   * Runs the handshake, and delivers what follows it: the sessions of TLS 1.3, or the alert of
   * an endpoint that failed. It doesn't throw for a failed handshake: see `client.error` and
   * `server.error`. It is another name of {@linkcode TlsPair.run}.
   */
  handshake(): Promise<void>;
  /**
   * Delivers bytes until neither endpoint has any to send and none are in flight. It moves the
   * clock to each arrival, so no real time passes. It waits while an engine waits for a store
   * or `contextFor`; if those wait for the clock, as a `FaultyStore` with `clock` does, it
   * moves the clock to the end of that wait. The time that an engine waits at most
   * (`lookupTimeout`, `writeTimeout`) is of real timers all the same.
   *
   * An endpoint that has failed or closed ends its direction after its last bytes. To the
   * peer of a reset connection the transport has ended (`truncated`).
   *
   * @throws {Error} If it takes thousands of steps. The message has the trace and the seed.
   */
  run(): Promise<void>;
  /**
   * Writes data at one endpoint, a string as UTF-8, runs, and reads at the peer.
   *
   * @returns All bytes that the peer could read, including those of earlier writes.
   * @throws {TlsError} `closed`, if the endpoint has failed or is closed.
   */
  say(
    from: Endpoint,
    data: Uint8Array | string,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Sends close_notify from both endpoints, and runs. */
  close(): Promise<void>;
  /**
   * Creates the next connection of the same client to the same server: with the same contexts,
   * clock and sandbox, a new network and a new trace. Its handshake has not run. Dispose of it
   * before this pair, or leave both to the sandbox.
   *
   * @throws {TypeError} If an option has the wrong type or an unknown name.
   */
  reconnect(options?: TlsReconnectOptions): TlsPair;
}

/** A client's socket and a server's, connected in memory, and the trace of the connection. */
export interface TlsSocketPair extends AsyncDisposable {
  /** The client. */
  readonly client: TlsSocket;
  /** The server. */
  readonly server: TlsSocket;
  /** The trace of the connection. */
  readonly trace: Trace;
  /** The network between the two. A reset fails the transports; a truncation ends them. */
  readonly network: Network;
  /** The sandbox that the pair runs in. */
  readonly sandbox: TlsSandbox;
  /** The sandbox's seed. */
  readonly seed: string;
  /** The sandbox's clock. */
  readonly clock: VirtualClock;
  /**
   * Moves the clock by `ms` milliseconds, and stops at each arrival and at the end of each wait
   * for the clock to deliver bytes and let the endpoints reply. It doesn't wait for anything
   * else, such as a store. What waits for the clock, as a `FaultyStore` with `clock` does,
   * needs this method even with `autoAdvance`.
   *
   * @throws {RangeError} If `ms` is negative or not finite.
   */
  advance(ms: number): Promise<void>;
  /** Closes both endpoints. It never rejects. */
  close(): Promise<void>;
}
