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
  #isReleased = false;

  /**
   * Deadlines of `ms` milliseconds. Until `release`, the timer runs until a tick without any,
   * as more are likely to come: `unref` has to keep it from holding the runtime.
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
    return () => {
      this.#due.delete(callback);
      if (this.#isReleased) this.#stopIfIdle();
    };
  }

  /** Few deadlines are to come: from now on the timer stops with the last one. */
  release(): void {
    this.#isReleased = true;
    this.#stopIfIdle();
  }

  #onTick(): void {
    this.#tick++;
    for (const [callback, tick] of this.#due) {
      if (tick > this.#tick) break;
      this.#due.delete(callback);
      callback();
    }
    this.#stopIfIdle();
  }

  #stopIfIdle(): void {
    if (this.#due.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
