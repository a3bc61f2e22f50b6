import { concernsOneConnection } from "./accept_errors.ts";
import type { TcpListener } from "./listener_types.ts";
import type { TcpConnection } from "../socket/tcp_connection.ts";

/** How long to wait while the host can't give a connection, at first and at most, in ms. */
const FIRST_BACKOFF = 5;
const LAST_BACKOFF = 250;
/** After how many connections in a row everything else has its turn. */
const ROW = 32;

/** What an {@linkcode AcceptLoop} asks and tells. */
export interface AcceptLoopEvents {
  /** Whether one more connection can be taken. */
  hasRoom(): boolean;
  /** A connection was taken. */
  onConnection(conn: TcpConnection): void;
  /** There was none. */
  onFailure(error: unknown): void;
  /** The host has no room for more: ends some handshakes, and returns whether there were any. */
  evict(): boolean;
}

/** Takes connections of a TCP listener, one after another, until it is stopped. */
export class AcceptLoop {
  readonly #tcp: TcpListener;
  readonly #events: AcceptLoopEvents;
  #isStopped = false;
  #onRoom: () => void = () => {};
  #endPause: () => void = () => {};

  /** For a listener; `run` starts. */
  constructor(tcp: TcpListener, events: AcceptLoopEvents) {
    this.#tcp = tcp;
    this.#events = events;
  }

  /** Takes connections. Never rejects. */
  async run(): Promise<void> {
    let backoff = FIRST_BACKOFF;
    for (let taken = 1; !this.#isStopped; taken++) {
      if (!this.#events.hasRoom()) {
        await this.#room();
        continue;
      }
      // What is there already comes without a turn of the event loop.
      if (taken % ROW === 0) await this.#pause(0);
      try {
        this.#events.onConnection(await this.#tcp.accept());
        backoff = FIRST_BACKOFF;
      } catch (error) {
        if (this.#isStopped) return;
        this.#events.onFailure(error);
        if (concernsOneConnection(error)) continue;
        // Such as too many open files: that passes, soonest where handshakes are evicted.
        if (this.#events.evict()) backoff = FIRST_BACKOFF;
        await this.#pause(backoff);
        backoff = Math.min(backoff * 2, LAST_BACKOFF);
      }
    }
  }

  /** There may be room again. */
  wake(): void {
    this.#onRoom();
  }

  /** Takes no more connections, and closes the TCP listener. */
  stop(): void {
    this.#isStopped = true;
    this.#tcp.close();
    this.#endPause();
    this.#onRoom();
  }

  /** Waits for `ms` milliseconds, or until the loop is stopped. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Resolves when there may be room for one more connection, or the loop is stopped. */
  #room(): Promise<void> {
    return new Promise((resolve) => this.#onRoom = resolve);
  }
}
