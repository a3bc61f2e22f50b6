import { Deadlines } from "../../internal/deadlines.ts";
import {
  FLUSH_TIMEOUT,
  LINGER_TIMEOUT,
  type SocketTimers,
} from "../socket/socket_timers.ts";

/** The timers of all sockets of a listener: one for each kind. */
export class ListenerTimers implements SocketTimers {
  readonly #handshakes: Deadlines;
  readonly #flushes = new Deadlines(FLUSH_TIMEOUT, unrefTimer);
  readonly #lingers = new Deadlines(LINGER_TIMEOUT, unrefTimer);

  /** For handshakes that may take so many milliseconds. */
  constructor(handshakeTimeout: number) {
    this.#handshakes = new Deadlines(handshakeTimeout, unrefTimer);
  }

  handshake(callback: () => void): () => void {
    return this.#handshakes.add(callback);
  }

  flush(callback: () => void): () => void {
    return this.#flushes.add(callback);
  }

  linger(callback: () => void): () => void {
    return this.#lingers.add(callback);
  }

  /** No connection comes any more. */
  release(): void {
    this.#handshakes.release();
    this.#flushes.release();
    this.#lingers.release();
  }
}

/** A connection that is under way keeps the runtime alive by itself. */
function unrefTimer(timer: unknown): void {
  if (typeof Deno !== "undefined") Deno.unrefTimer(timer as number);
}
