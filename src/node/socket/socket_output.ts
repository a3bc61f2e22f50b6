import type { NodeConnection } from "../connection/node_connection.ts";
import type { Carrier } from "./carrier.ts";

/** A callback of a stream's. */
export type Done = (error?: Error | null) => void;

/** The state of a socket. */
export interface OutputState {
  /** Whether the handshake has begun. */
  readonly hasStarted: boolean;
  /** Whether the underlying stream has ended. */
  readonly hasEnded: boolean;
}

/** Passes what a socket writes through its connection to the underlying stream. */
export class SocketOutput {
  /** How many bytes of data were written. */
  bytesWritten = 0;
  readonly #connection: NodeConnection;
  #written: Done | undefined;
  #ended: Done | undefined;
  #isShut = false;

  /** The output of a connection. */
  constructor(connection: NodeConnection) {
    this.#connection = connection;
  }

  /** Whether data is on its way. */
  get isWriting(): boolean {
    return this.#written !== undefined;
  }

  /** Notes that so much data was given to the connection. */
  onWrite(count: number, done: Done): void {
    // Not assigned where it is written, as V8 keeps that one until old objects are collected.
    const written: Done = (error) => {
      this.bytesWritten += count;
      done(error);
    };
    this.#written = written;
  }

  /** Notes that no more data comes. */
  onEnd(done: Done): void {
    this.#ended = done;
  }

  /** Sends bytes: returns whether there were any. A write is done when the stream has taken it. */
  send(carrier: Carrier, state: OutputState): boolean {
    const { buffers, operations } = this.#connection;
    const wire = buffers.outgoing.takeAll();
    const isAll = buffers.unwritten.isEmpty && !operations.holdBytes &&
      state.hasStarted;
    const written = isAll ? this.#written : undefined;
    if (written) this.#written = undefined;
    if (wire.length > 0) carrier.write(wire, written);
    else written?.();
    const ended = this.#ended;
    if (ended && !this.#isShut && this.#hasShut(state)) {
      this.#isShut = true;
      this.#ended = undefined;
      carrier.end(() => ended());
    }
    return wire.length > 0;
  }

  /** The socket is destroyed. */
  cancel(error: Error | null): void {
    this.#written?.(cancelled());
    this.#ended?.(error);
    this.#written = this.#ended = undefined;
  }

  /** Whether close_notify was passed on, or can't be sent: the peer has ended in the handshake. */
  #hasShut({ hasEnded }: OutputState): boolean {
    const { state, buffers, operations } = this.#connection;
    if (state === "handshaking") return hasEnded;
    if (state === "open") return false;
    return buffers.unwritten.isEmpty && !operations.holdBytes;
  }
}

/** The error of a write when the socket is destroyed. */
function cancelled(): Error {
  return Object.assign(new Error("write ECANCELED"), {
    code: "ECANCELED",
    errno: -125,
    syscall: "write",
  });
}
