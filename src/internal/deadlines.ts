/** How often in the time of a deadline it is looked whether one has passed. */
const TICKS = 8;

/**
 * Deadlines of one length, which share a timer: each is passed up to an eighth later than it
 * says.
 */
export class Deadlines {
  readonly #period: number;
  readonly #unref: (timer: unknown) => void;
  /** In which tick each callback is due, the earliest first. */
  readonly #due = new Map<() => void, number>();
  #tick = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * Deadlines of `ms` milliseconds. The timer runs until a tick without any, so `unref` has
   * to keep it from holding the runtime.
   */
  constructor(ms: number, unref: (timer: unknown) => void) {
    this.#period = ms / TICKS;
    this.#unref = unref;
  }

  /** Calls `callback` when its time is up: returns how to call that off. */
  add(callback: () => void): () => void {
    this.#due.set(callback, this.#tick + TICKS + 1);
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#onTick(), this.#period);
      this.#unref(this.#timer);
    }
    return () => void this.#due.delete(callback);
  }

  /** Forgets all deadlines. */
  stop(): void {
    this.#due.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #onTick(): void {
    this.#tick++;
    for (const [callback, tick] of this.#due) {
      if (tick > this.#tick) break;
      this.#due.delete(callback);
      callback();
    }
    if (this.#due.size === 0) this.stop();
  }
}
