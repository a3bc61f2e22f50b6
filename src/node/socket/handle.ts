import type { SocketEvents } from "./socket_events.ts";

/**
 * What programs use of Node's own object below a socket, `_handle` or `ssl`, though it isn't
 * documented.
 */
export class SocketHandle {
  readonly #events: SocketEvents;

  /** The handle of a socket's inside. */
  constructor(events: SocketEvents) {
    this.#events = events;
  }

  /** How many renegotiations there were of late. */
  get handshakes(): number {
    return this.#events.server?.handshakes ?? 0;
  }

  /** How many bytes wait for what carries the connection. */
  get writeQueueSize(): number {
    return this.#events.core.unsentBytes;
  }

  /** What is wrong with the peer's certificate. */
  verifyError(): Error | null {
    return this.#events.verifyError();
  }
}
