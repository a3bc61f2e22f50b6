import { Buffer } from "node:buffer";
import type { NodeConnection } from "../connection/node_connection.ts";

/** What a connection's data, end and failure are delivered to. */
export interface DeliveryListener {
  /** Whether data may be delivered now: not before the handshake is announced. */
  readonly isSecure: boolean;
  /** Data has come: whether there is room for more. */
  onData(data: Buffer): boolean;
  /** The peer has ended its direction. */
  onEnd(): void;
  /** The connection has failed. */
  onFailure(error: Error): void;
}

/** The underlying stream, and whether it is still used. */
export interface DeliverySource {
  /** Whether the socket is destroyed: nothing more is delivered. */
  readonly isOver: boolean;
  /** Whether the stream has ended. */
  readonly hasEnded: boolean;
  /** There is no room for more data. */
  pauseReading(): void;
}

/** Delivers a connection's events, its data, and then its end or its failure, each of them once. */
export class Delivery {
  /** How many bytes of data were delivered. */
  bytesRead = 0;
  readonly #connection: NodeConnection;
  readonly #source: DeliverySource;
  readonly #listener: DeliveryListener;
  #hasEnded = false;
  #hasFailed = false;

  /** The delivery from a connection over `source` to `listener`. */
  constructor(
    connection: NodeConnection,
    source: DeliverySource,
    listener: DeliveryListener,
  ) {
    this.#connection = connection;
    this.#source = source;
    this.#listener = listener;
  }

  /** Delivers what there is. Throws what a listener throws: a later call delivers the rest. */
  run(): void {
    const connection = this.#connection;
    for (;;) {
      const event = connection.nextEvent();
      if (event) event();
      else if (!this.#deliverData()) break;
      if (this.#source.isOver) return;
    }
    if (connection.error !== null) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      this.#listener.onFailure(connection.error);
    } else if (this.#isEndDue) {
      this.#hasEnded = true;
      this.#listener.onEnd();
    }
  }

  /** Whether the end is to be delivered: not before data that waits for the handshake's end. */
  get #isEndDue(): boolean {
    const { peerClosed, buffers } = this.#connection;
    return !this.#hasEnded && (peerClosed || this.#source.hasEnded) &&
      buffers.plaintext.isEmpty;
  }

  /** Delivers data: whether there was any. */
  #deliverData(): boolean {
    if (!this.#listener.isSecure) return false;
    const data = this.#connection.buffers.plaintext.takeAll();
    if (data.length === 0) return false;
    this.bytesRead += data.length;
    const { buffer, byteOffset, byteLength } = data;
    const hasRoom = this.#listener.onData(
      Buffer.from(buffer, byteOffset, byteLength),
    );
    if (!hasRoom) this.#source.pauseReading();
    return true;
  }
}
