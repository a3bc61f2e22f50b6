import { optionTypeError, withOptionPath } from "../internal/option_error.ts";
import { NO_OPTIONS, ownOptions } from "../internal/own_options.ts";
import { received } from "../internal/received.ts";
import type { TlsTransport } from "../tls/socket/transport.ts";
import { VirtualClock } from "./clock.ts";
import { Network, type NetworkOptions } from "./network.ts";
import { isManualClock } from "./pair/options.ts";
import { NetworkStreams } from "./pair/streams.ts";
import type { TlsSocketPairOptions } from "./pair/types.ts";

/** Options of {@linkcode createTransportPair}. */
export interface TransportPairOptions
  extends Pick<TlsSocketPairOptions, "autoAdvance"> {
  /**
   * The network between the two. By default it delivers all bytes at once. Faults at the
   * position of a handshake message are refused: the network doesn't know messages here.
   */
  network?: NetworkOptions | undefined;
  /** The clock of the network. By default a new one. */
  clock?: VirtualClock | undefined;
}

/** The two transports of a connection in memory. */
export interface TransportPair {
  /** The client's transport. */
  readonly client: TlsTransport;
  /** The server's transport. */
  readonly server: TlsTransport;
  /** The network between the two. A reset fails both; a truncation ends them. */
  readonly network: Network;
  /** The clock of the network. */
  readonly clock: VirtualClock;
  /**
   * Moves the clock by `ms` milliseconds, as {@linkcode TlsSocketPair.advance} does.
   *
   * @throws {RangeError} If `ms` is negative or not finite.
   */
  advance(ms: number): Promise<void>;
}

/**
 * Creates two transports that are connected in memory, over a network that can delay, corrupt
 * and lose bytes. They stand in for TCP where code takes streams, such as a proxy or
 * `startTls`.
 *
 * @throws {TypeError} If an option has the wrong type or an unknown name.
 * @throws {RangeError} If an option is out of range.
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
  }, { of: "createTransportPair" });
  const { network: faults = NO_OPTIONS, clock = new VirtualClock() } = own;
  if (!(clock instanceof VirtualClock)) {
    throw optionTypeError(
      "clock",
      `must be a VirtualClock, received ${received(clock)}`,
    );
  }
  const network = withOptionPath(
    "network",
    () => new Network(faults, { clock }),
  );
  checkFaults(faults);
  const streams = new NetworkStreams(
    network,
    clock,
    isManualClock(own.autoAdvance),
  );
  return {
    client: streams.transport("client"),
    server: streams.transport("server"),
    network,
    clock,
    advance: (ms) => streams.advance(ms),
  };
}

/** Refuses faults at handshake messages, which nobody announces to this network. */
function checkFaults(options: NetworkOptions): void {
  for (const name of ["toServer", "toClient"] as const) {
    const { drop, corrupt } = options[name] ?? NO_OPTIONS;
    if (typeof corrupt?.at === "object" || (drop && "atMessage" in drop)) {
      throw optionTypeError(
        ["network", name],
        "can't have a fault at a handshake message: transports carry bytes without messages",
      );
    }
  }
}
