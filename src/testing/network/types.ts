import type { Endpoint } from "../endpoint.ts";

/** What the network did with bytes. */
export type DeliveryStatus =
  | "delivered"
  | "corrupted"
  | "dropped"
  | "truncated"
  | "replayed";

/** The bytes that both endpoints sent, as an eavesdropper records them: before any fault. */
export interface Capture {
  /** The bytes that the client sent. */
  readonly toServer: Uint8Array<ArrayBuffer>;
  /** The bytes that the server sent. */
  readonly toClient: Uint8Array<ArrayBuffer>;
}

/** A position in a handshake message of one direction. */
export interface MessagePosition {
  /** The index of the handshake message in its direction, from 0: 0 is the hello. */
  readonly message: number;
  /**
   * The offset from the end of the 5-byte record header, from 0. It counts bytes on the wire,
   * which may be encrypted. By default 0.
   */
  readonly byte?: number | undefined;
}

/** The faults of one direction. Offsets count the bytes of the direction from 0. */
export interface NetworkFaults {
  /** Changes the byte at `at` by exclusive or with `xor`, which is 1 to 255, by default 1. */
  readonly corrupt?: {
    readonly at: number | MessagePosition;
    readonly xor?: number | undefined;
  } | undefined;
  /** Ends this direction with a TCP FIN after `at` bytes. */
  readonly truncate?: { readonly at: number } | undefined;
  /**
   * Resets the connection after `atByte` bytes of this direction, or before the handshake
   * message `atMessage`. Bytes in flight in the other direction are lost.
   */
  readonly drop?:
    | { readonly atByte: number }
    | { readonly atMessage: number }
    | undefined;
  /**
   * Sends the captured bytes of this direction in place of those that the endpoint sends. The
   * answers of the other endpoint take their usual way: when a client's bytes are replayed to
   * a server, the answers reach the pair's own client, which fails on them.
   */
  readonly replay?: Capture | undefined;
}

/** Options of {@linkcode Network}. By default it delivers all bytes at once. */
export interface NetworkOptions {
  /**
   * The delay in milliseconds of the virtual clock, or a function that returns the delay of
   * the piece with index `n` of a direction, from 0. Pieces arrive in the order in which they
   * were sent. A FIN or reset by an endpoint is a piece too; one by the network arrives with
   * the bytes before it.
   */
  readonly delay?: number | ((n: number) => number) | undefined;
  /** The largest size of a piece in bytes. By default bytes that are sent together stay together. */
  readonly fragment?: number | undefined;
  /** The faults on the way to the server. */
  readonly toServer?: NetworkFaults | undefined;
  /** The faults on the way to the client. */
  readonly toClient?: NetworkFaults | undefined;
}

/** An observer of a network, such as a `TraceRecorder`. */
export interface NetworkObserver {
  /** Called when the network has delivered or lost bytes that `from` sent. */
  wire(from: Endpoint, bytes: Uint8Array, status: DeliveryStatus): void;
  /** Called for every other event, described by `text`. */
  note(text: string): void;
}

/** What a network delivers to an endpoint. */
export type NetworkDelivery =
  & { readonly to: Endpoint }
  & (
    | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
    /** The peer has ended its direction. */
    | { readonly kind: "end" }
    /** The connection was reset. */
    | { readonly kind: "reset" }
  );
