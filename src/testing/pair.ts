import { ownOptions } from "../internal/own_options.ts";
import type { TlsEngine } from "../tls/engine/engine.ts";
import type { TlsSocket } from "../tls/socket/socket.ts";
import { EnginePair } from "./pair/engines.ts";
import {
  isManualOf,
  OPTION_NAMES,
  setupOf,
  type TlsPairOptions,
  type TlsReconnectOptions,
  type TlsSocketPairOptions,
  visitOf,
} from "./pair/options.ts";
import { SocketPair } from "./pair/sockets.ts";
import type { VirtualClock } from "./clock.ts";
import type { Network, NetworkEnd } from "./network.ts";
import type { TlsSandbox } from "./sandbox.ts";
import type { Trace } from "./trace.ts";

export type {
  TlsPairClientOptions,
  TlsPairOptions,
  TlsPairServerOptions,
  TlsPairVisit,
  TlsReconnectOptions,
  TlsSocketPairOptions,
} from "./pair/options.ts";

/** A client and a server, joined in memory, and what was seen of them. */
export interface TlsPair extends Disposable {
  /** The client's end. */
  readonly client: TlsEngine;
  /** The server's end. */
  readonly server: TlsEngine;
  /** What happened. */
  readonly trace: Trace;
  /** What joins them. */
  readonly network: Network;
  /** Where they live. */
  readonly sandbox: TlsSandbox;
  /** The sandbox's seed: with it the same happens again. */
  readonly seed: string;
  /** The sandbox's clock. */
  readonly clock: VirtualClock;
  /**
   * Does the handshake, as far as it goes, and what comes with it: TLS 1.3's sessions, or
   * the alert of an end that failed, reach the other. Never throws for a peer's failure: see
   * `client.error` and `server.error`.
   *
   * It is {@linkcode TlsPair.run} by the name of what it is for.
   */
  handshake(): Promise<void>;
  /**
   * Goes on until neither end has anything to send and nothing is under way. Bytes take no
   * real time: the clock moves to when they arrive. Where an engine waits for a store or
   * `contextFor`, so does this; where that waits for the clock since this began, as the
   * latency of a `FaultyStore` with `clock` does, the clock moves to its end. How long an
   * engine waits (`lookupTimeout`, `writeTimeout`) is up to real timers all the same. An end that has failed or closed ends its direction
   * after its last bytes; to one whose connection is reset, it has ended too (`truncated`).
   *
   * @throws {Error} If that takes thousands of answers. Its message shows the trace and
   * the seed.
   */
  run(): Promise<void>;
  /**
   * Writes data at one end, text as UTF-8, runs, and reads the other.
   *
   * @returns What could be read: all that came, also before. Bytes, whatever was written:
   * a `TextDecoder` has the text.
   * @throws {TlsError} `closed`, if the end has failed or been closed.
   */
  say(
    from: NetworkEnd,
    data: Uint8Array | string,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Sends close_notify from both ends, and runs. */
  close(): Promise<void>;
  /**
   * The next connection of the same client to the same server: the same contexts, clock and
   * sandbox, another network and another trace. Its handshake is yet to be done. To be
   * disposed before this one; the sandbox does so if nobody else has.
   *
   * @throws {TypeError} If an option is not of its type, or one of that name doesn't exist.
   */
  reconnect(options?: TlsReconnectOptions): TlsPair;
}

/** A client's socket and a server's, joined in memory, and what was seen of them. */
export interface TlsSocketPair extends AsyncDisposable {
  /** The client's end. */
  readonly client: TlsSocket;
  /** The server's end. */
  readonly server: TlsSocket;
  /** What happened. */
  readonly trace: Trace;
  /** What joins them: a reset fails the transport, and what is truncated ends. */
  readonly network: Network;
  /** Where they live. */
  readonly sandbox: TlsSandbox;
  /** The sandbox's seed. */
  readonly seed: string;
  /** The sandbox's clock. */
  readonly clock: VirtualClock;
  /**
   * Moves the clock on, to each arrival and each end of a wait for it in turn, delivers what
   * arrives, and gives the ends time to answer, unless they wait for something else, such as
   * a store. What waits for the clock, as the latency of a `FaultyStore` does, needs this also
   * with `autoAdvance`.
   *
   * @throws {RangeError} If `ms` is negative or not finite.
   */
  advance(ms: number): Promise<void>;
  /** Closes both ends. Never rejects. */
  close(): Promise<void>;
}

/**
 * Joins a client and a server in memory, over a network that can be slow, or go wrong.
 * Nothing takes real time, and with the same seed the same bytes are sent again.
 *
 * @throws {TypeError} If an option is not of its type, or one of that name doesn't exist.
 * @throws {RangeError} If an option is out of its range.
 * @throws {TlsError} `certificate` or `configuration`, as by {@linkcode TlsContext}.
 *
 * @example A session that has expired isn't resumed
 * ```ts
 * import { createTlsPair } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using pair = createTlsPair({ server: { sessionTimeout: 3600 } });
 * await pair.handshake();
 * assertEquals(await pair.say("client", "hello"), new TextEncoder().encode("hello"));
 *
 * using soon = pair.reconnect();
 * await soon.handshake();
 * assertEquals(soon.server.resumption?.resumed, true);
 *
 * pair.clock.advance(2 * 3_600_000);
 * using late = soon.reconnect();
 * await late.handshake();
 * assertEquals(late.server.resumption?.resumed, false);
 * ```
 *
 * @example A connection that is lost before the server's third message
 * ```ts
 * import { createTlsPair } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using pair = createTlsPair({
 *   network: { delay: 50, toClient: { drop: { atMessage: 2 } } },
 * });
 * await pair.handshake();
 * assertEquals(pair.client.error?.code, "truncated");
 * assertEquals(pair.server.error?.code, "truncated");
 * ```
 */
export function createTlsPair(options: TlsPairOptions = {}): TlsPair {
  const own = ownOptions(options, OPTION_NAMES, { of: "createTlsPair" });
  const setup = setupOf(own);
  try {
    return new EnginePair(setup, visitOf(own), true);
  } catch (error) {
    setup.contexts[Symbol.dispose]();
    throw error;
  }
}

/**
 * {@linkcode createTlsPair}, with sockets: over streams in memory, that hold some bytes in
 * each direction as TCP does, through the same network.
 *
 * Real timers are left only where sockets have some, such as `handshakeTimeout`.
 *
 * @throws {TypeError} If an option is not of its type, or one of that name doesn't exist.
 * @throws {RangeError} If an option is out of its range.
 * @throws {TlsError} `certificate` or `configuration`, as by {@linkcode TlsContext}.
 *
 * @example An echo, a byte at a time
 * ```ts
 * import { createTlsSocketPair } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * await using pair = createTlsSocketPair({ network: { fragment: 1 } });
 * pair.server.readable.pipeTo(pair.server.writable);
 * const heard = new Response(pair.client.readable).text();
 * await new Blob(["hello"]).stream().pipeTo(pair.client.writable);
 * assertEquals(await heard, "hello");
 * ```
 */
export function createTlsSocketPair(
  options: TlsSocketPairOptions = {},
): TlsSocketPair {
  const own = ownOptions(options, {
    ...OPTION_NAMES,
    autoAdvance: true,
    handshakeTimeout: true,
  });
  const { handshakeTimeout } = own;
  const isManual = isManualOf(own);
  const setup = setupOf(own);
  try {
    return new SocketPair(setup, visitOf(own), {
      isManual,
      handshakeTimeout,
    });
  } catch (error) {
    setup.contexts[Symbol.dispose]();
    throw error;
  }
}
