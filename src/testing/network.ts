import { NO_OPTIONS } from "../internal/own_options.ts";
import type { VirtualClock } from "./clock.ts";
import { type Endpoint, peerOf } from "./endpoint.ts";
import { Direction } from "./network/direction.ts";
import { checkedNetworkOptions } from "./network/options.ts";
import type {
  Capture,
  NetworkDelivery,
  NetworkFaults,
  NetworkObserver,
  NetworkOptions,
} from "./network/types.ts";

export type * from "./network/types.ts";

/**
 * A network in memory: it delivers the bytes of each end to the other in order, late, in
 * pieces or corrupted as its options say. It moves no clock: {@linkcode Network.deliver} returns
 * what has arrived by the clock.
 *
 * @example Three bytes, one at a time, the second of them changed
 * ```ts
 * import { Network, VirtualClock } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * const network = new Network({
 *   fragment: 1,
 *   delay: 50,
 *   toServer: { corrupt: { at: 1, xor: 0xff } },
 * }, { clock });
 * network.send("client", new Uint8Array([1, 2, 3]));
 * assertEquals(network.deliver(), null);
 * clock.advance(50);
 * const arrived: number[] = [];
 * for (let next = network.deliver(); next; next = network.deliver()) {
 *   if (next.kind === "bytes") arrived.push(...next.bytes);
 * }
 * assertEquals(arrived, [1, 0xfd, 3]);
 * assertEquals(network.captured.toServer, new Uint8Array([1, 2, 3]));
 * ```
 */
export class Network {
  readonly #clock: Pick<VirtualClock, "now">;
  readonly #observer: NetworkObserver | undefined;
  readonly #to: Readonly<Record<Endpoint, Direction>>;
  #resets: Endpoint[] = [];
  #isDead = false;

  /**
   * Creates a network. `observer` is told of every delivery and loss.
   *
   * @throws {TypeError} If an option has the wrong type or an unknown name.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(
    options: NetworkOptions,
    { clock, observer }: {
      clock: Pick<VirtualClock, "now">;
      observer?: NetworkObserver | undefined;
    },
  ) {
    const { delay = 0, fragment = Infinity, toServer, toClient } =
      checkedNetworkOptions(options);
    const delayOf = typeof delay === "function" ? delay : (): number => delay;
    const direction = (
      to: Endpoint,
      faults: NetworkFaults = NO_OPTIONS,
    ): Direction =>
      new Direction(to, {
        delayOf,
        fragment,
        now: () => clock.now(),
        faults,
        observer,
      });
    this.#clock = clock;
    this.#observer = observer;
    this.#to = {
      server: direction("server", toServer),
      client: direction("client", toClient),
    };
  }

  /** The bytes that the endpoints have sent so far. */
  get captured(): Capture {
    return {
      toServer: this.#to.server.captured,
      toClient: this.#to.client.captured,
    };
  }

  /** Whether the connection was reset. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /**
   * The time at which the next delivery for an endpoint, or for either, arrives; `null` if
   * nothing is in flight.
   */
  arrival(to?: Endpoint): number | null {
    if (this.#resets.some((end) => to === undefined || end === to)) {
      return this.#clock.now();
    }
    return this.#first(to)?.arrival ?? null;
  }

  /** The number of bytes in flight to an endpoint. */
  underway(to: Endpoint): number {
    return this.#to[to].underway;
  }

  /** Sends bytes of an endpoint. */
  send(from: Endpoint, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#isDead) this.#observer?.wire(from, bytes, "dropped");
    else this.#to[peerOf(from)].send(bytes);
  }

  /**
   * Announces the next handshake message of an endpoint: `at` is the offset of its first
   * record in all bytes that the endpoint sends. It must be called before they are sent.
   */
  announceMessage(from: Endpoint, at: number): void {
    this.#to[peerOf(from)].announceMessage(at);
  }

  /** Ends the direction of an endpoint (TCP FIN). */
  end(from: Endpoint): void {
    if (!this.#isDead) this.#to[peerOf(from)].end("end");
  }

  /** Resets the connection after the bytes that an endpoint has sent (TCP RST). */
  reset(from: Endpoint): void {
    if (!this.#isDead) this.#to[peerOf(from)].end("reset");
  }

  /** Drops all bytes to an endpoint, those in flight too. */
  refuse(to: Endpoint): void {
    this.#to[to].refuse();
  }

  /** Returns the next delivery that has arrived at an endpoint, or at either; `null` if there is none. */
  deliver(to?: Endpoint): NetworkDelivery | null {
    const reset = this.#resets.findIndex((end) =>
      to === undefined || end === to
    );
    if (reset >= 0) {
      const [end] = this.#resets.splice(reset, 1);
      return end ? { to: end, kind: "reset" } : null;
    }
    const direction = this.#first(to);
    if (!direction || (direction.arrival ?? Infinity) > this.#clock.now()) {
      return null;
    }
    const item = direction.take();
    if (item.kind !== "reset") return { to: direction.to, ...item };
    this.#die();
    return this.deliver(to);
  }

  #first(to?: Endpoint): Direction | undefined {
    const [one, two] = to ? [this.#to[to]] : [this.#to.server, this.#to.client];
    if (!two) return one;
    // Of two arrivals at the same time the client's bytes come first, for determinism.
    return (two.arrival ?? Infinity) < (one?.arrival ?? Infinity) ? two : one;
  }

  #die(): void {
    this.#isDead = true;
    this.#to.server.refuse();
    this.#to.client.refuse();
    this.#resets = ["server", "client"];
    this.#observer?.note("The connection is reset");
  }
}
