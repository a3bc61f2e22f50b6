import { Direction, other } from "./network/direction.ts";
import { NO_OPTIONS } from "../internal/own_options.ts";
import { checkedNetworkOptions } from "./network/options.ts";
import type { VirtualClock } from "./clock.ts";

/** One end of a connection. */
export type NetworkEnd = "client" | "server";

/** What became of bytes. */
export type WireFate =
  | "delivered"
  | "corrupted"
  | "dropped"
  | "truncated"
  | "replayed";

/** What the ends gave to a network, each byte once, before any fault: what an eavesdropper has. */
export interface Capture {
  /** What the client sent. */
  readonly toServer: Uint8Array<ArrayBuffer>;
  /** What the server sent. */
  readonly toClient: Uint8Array<ArrayBuffer>;
}

/** Where in a handshake message of a direction. */
export interface MessagePosition {
  /** Which handshake message that the end sends, counted from 0: 0 is a hello. */
  readonly message: number;
  /**
   * Which byte of it, counted from 0 after the record's header of 5 bytes: of what is on
   * the wire, so it may be encrypted. By default 0.
   */
  readonly byte?: number | undefined;
}

/** What goes wrong in one direction. Bytes are counted from 0. */
export interface NetworkFaults {
  /** Changes a byte by exclusive or with `xor`, 1 to 255, by default 1. */
  readonly corrupt?: {
    readonly at: number | MessagePosition;
    readonly xor?: number | undefined;
  } | undefined;
  /** Ends this direction, as if in good order (TCP's FIN), after so many bytes. */
  readonly truncate?: { readonly at: number } | undefined;
  /**
   * Resets the connection, both directions, after so many bytes of this one or after so
   * many handshake messages: message 1 isn't delivered with `{ atMessage: 1 }`. What was
   * under way in the other direction is lost.
   */
  readonly drop?:
    | { readonly atByte: number }
    | { readonly atMessage: number }
    | undefined;
  /**
   * Sends what was captured in this direction, in place of what the end sends. What the
   * other end answers goes its usual way: replayed to a server, to the pair's client, which
   * is a bystander. It can make nothing of it, so it fails, and that is in the ladder too.
   */
  readonly replay?: Capture | undefined;
}

/** How a network behaves. By default it carries everything at once. */
export interface NetworkOptions {
  /**
   * How long bytes take, in milliseconds of the virtual clock, or a function that says so
   * for piece `n` of a direction, counted from 0. They never overtake each other. The end
   * that an end makes of its direction, or a reset, is a piece as well; where the network
   * cuts a direction off, that comes with the bytes before it.
   */
  readonly delay?: number | ((n: number) => number) | undefined;
  /** At most how many bytes a piece has. By default, what was sent at once stays together. */
  readonly fragment?: number | undefined;
  /** What goes wrong on the way to the server. */
  readonly toServer?: NetworkFaults | undefined;
  /** What goes wrong on the way to the client. */
  readonly toClient?: NetworkFaults | undefined;
}

/** Is told what a network does: see `TraceRecorder`. */
export interface NetworkObserver {
  /** Bytes of an end have met their fate. */
  wire(from: NetworkEnd, bytes: Uint8Array, fate: WireFate): void;
  /** Something else has happened. */
  note(text: string): void;
}

/** What reaches an end. */
export type NetworkDelivery =
  & { readonly to: NetworkEnd }
  & (
    | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
    /** The other end won't send any more. */
    | { readonly kind: "end" }
    /** The connection is gone. */
    | { readonly kind: "reset" }
  );

/**
 * A network in memory: it takes bytes of two ends, and gives each the other's, late, in
 * pieces, or spoilt as it was told, and never in another order. It moves no clock: what is
 * due by the clock is there for {@linkcode Network.deliver}.
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
  readonly #to: Readonly<Record<NetworkEnd, Direction>>;
  #resets: NetworkEnd[] = [];
  #isDead = false;

  /**
   * A network that nobody uses yet. `observer` is told what becomes of all bytes.
   *
   * @throws {TypeError} If an option is not of its type, or one of that name doesn't exist.
   * @throws {RangeError} If an option is out of its range.
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
      to: NetworkEnd,
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

  /** What the ends have sent so far. */
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
   * When the next thing for an end, or for either, arrives, by the clock; `null` if nothing
   * is under way.
   */
  arrival(to?: NetworkEnd): number | null {
    if (this.#resets.some((end) => to === undefined || end === to)) {
      return this.#clock.now();
    }
    return this.#first(to)?.arrival ?? null;
  }

  /** How many bytes are under way to an end. */
  underway(to: NetworkEnd): number {
    return this.#to[to].underway;
  }

  /** Takes bytes of an end. */
  send(from: NetworkEnd, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#isDead) this.#observer?.wire(from, bytes, "dropped");
    else this.#to[other(from)].send(bytes);
  }

  /**
   * Takes note of where the next handshake message of an end begins: its first record, as
   * so many bytes after the first byte that the end has ever sent. To be told before those
   * bytes are sent.
   */
  announceMessage(from: NetworkEnd, at: number): void {
    this.#to[other(from)].announceMessage(at);
  }

  /** An end won't send any more (TCP's FIN). */
  end(from: NetworkEnd): void {
    if (!this.#isDead) this.#to[other(from)].end("end");
  }

  /** An end gives the connection up (TCP's RST), after what it has sent. */
  reset(from: NetworkEnd): void {
    if (!this.#isDead) this.#to[other(from)].end("reset");
  }

  /** An end won't take any more: what is under way to it, and what follows, is lost. */
  refuse(to: NetworkEnd): void {
    this.#to[to].refuse();
  }

  /** Takes the next thing that is due at an end, or at either; `null` if nothing is. */
  deliver(to?: NetworkEnd): NetworkDelivery | null {
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

  #first(to?: NetworkEnd): Direction | undefined {
    const [one, two] = to ? [this.#to[to]] : [this.#to.server, this.#to.client];
    if (!two) return one;
    // At the same time the client's bytes come first: it is the same each time.
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
