import { NO_OPTIONS, ownOptions } from "../internal/own_options.ts";
import type { TlsTransport } from "../tls/socket/transport.ts";
import { isManualOf, type TlsSocketPairOptions } from "./pair/options.ts";
import { NetworkStreams } from "./pair/streams.ts";
import { VirtualClock } from "./clock.ts";
import { Network, type NetworkOptions } from "./network.ts";

/** Options of {@linkcode createTransportPair}. */
export interface TransportPairOptions
  extends Pick<TlsSocketPairOptions, "autoAdvance"> {
  /**
   * How the network between them behaves. By default it carries everything at once. Bytes
   * are bytes to it: faults at a handshake message are for pairs.
   */
  network?: NetworkOptions | undefined;
  /** The time of the network. By default a clock of its own. */
  clock?: VirtualClock | undefined;
}

/** Both ends of a connection in memory. */
export interface TransportPair {
  /** What the client reads and writes. */
  readonly client: TlsTransport;
  /** What the server reads and writes. */
  readonly server: TlsTransport;
  /** What joins them: a reset fails both, and what is truncated ends. */
  readonly network: Network;
  /** The time of the network. */
  readonly clock: VirtualClock;
  /**
   * Moves the clock on, as {@linkcode TlsSocketPair.advance} does.
   *
   * @throws {RangeError} If `ms` is negative or not finite.
   */
  advance(ms: number): Promise<void>;
}

/**
 * Both ends of a connection in memory, over a network that can be slow, or go wrong: what
 * TCP is to code that takes streams, such as a proxy, or `startTls`.
 *
 * @throws {TypeError} If an option is not of its type, or one of that name doesn't exist.
 * @throws {RangeError} If an option is out of its range.
 *
 * @example A connection that is reset after three bytes
 * ```ts
 * import { createTransportPair } from "@sesame/tls/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const { client, server } = createTransportPair({
 *   network: { delay: 20, toServer: { drop: { atByte: 3 } } },
 * });
 * const writer = client.writable.getWriter();
 * writer.closed.catch(() => {});
 * writer.write(new Uint8Array([1, 2, 3, 4]));
 * const reader = server.readable.getReader();
 * assertEquals((await reader.read()).value, new Uint8Array([1, 2, 3]));
 * await assertRejects(() => reader.read(), Error, "The connection was reset");
 * ```
 */
export function createTransportPair(
  options: TransportPairOptions = {},
): TransportPair {
  const own = ownOptions(options, {
    network: true,
    clock: true,
    autoAdvance: true,
  }, { of: "createTransports" });
  const { network: behaviour = NO_OPTIONS, clock = new VirtualClock() } = own;
  if (!(clock instanceof VirtualClock)) {
    throw new TypeError(
      `options.clock must be a VirtualClock, received ${typeof clock}`,
    );
  }
  const network = new Network(behaviour, { clock });
  checkFaults(behaviour);
  const streams = new NetworkStreams(network, clock, isManualOf(own));
  return {
    client: streams.transport("client"),
    server: streams.transport("server"),
    network,
    clock,
    advance: (ms) => streams.advance(ms),
  };
}

/** Nobody tells of handshake messages here: a fault at one would never come. */
function checkFaults(options: NetworkOptions): void {
  for (const name of ["toServer", "toClient"] as const) {
    const { drop, corrupt } = options[name] ?? NO_OPTIONS;
    if (typeof corrupt?.at === "object" || (drop && "atMessage" in drop)) {
      throw new TypeError(
        `network.${name} can't have a fault at a handshake message: transports carry bytes alone`,
      );
    }
  }
}
