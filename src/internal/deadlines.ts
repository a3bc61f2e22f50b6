/** At most how often in the time of a deadline it is looked whether one has passed. */
const MAX_TICKS = 8;

/** A deadline, and where it stands among those of its tick. */
interface Deadline {
  readonly callback: () => void;
  at: number;
}

/**
 * Deadlines of one length, which share a timer: each is passed up to an eighth later than it
 * says, rounded up to whole milliseconds, and the one that starts the timer when it says.
 */
export class Deadlines {
  readonly #ticks: number;
  readonly #period: number;
  readonly #unref: ((timer: unknown) => void) | undefined;
  /**
   * Those of each tick, in no order. They aren't in a `Map`: when V8 copies the table of one to
   * drop what was deleted, the old table leads to the new one and to all that was in it, and
   * once one is old, none of them, and nothing of their connections, is collected with the
   * young objects.
   */
  readonly #due: Deadline[][];
  #count = 0;
  #tick = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isReleased: boolean;

  /**
   * Deadlines of `ms` milliseconds. With `unref`, which has to keep the timer from holding the
   * runtime, it runs until a tick without any, as more are likely to come; without, and after
   * `release`, it stops with the last one.
   */
  constructor(ms: number, unref?: (timer: unknown) => void) {
    // Node's timers, and Bun's, drop fractions: the deadlines would be passed too early.
    this.#period = Math.ceil(ms / MAX_TICKS);
    this.#ticks = Math.ceil(ms / this.#period);
    // For each tick from the present one to the last in which a deadline can be due.
    this.#due = Array.from({ length: this.#ticks + 2 }, () => []);
    this.#unref = unref;
    this.#isReleased = unref === undefined;
  }

  /** Calls `callback` when its time is up: returns how to call that off. */
  add(callback: () => void): () => void {
    const isFirst = this.#timer === undefined;
    // The present tick has begun, unless the timer starts with it.
    const due = this.#tick + this.#ticks + (isFirst ? 0 : 1);
    const list = this.#dueIn(due);
    const deadline = { callback, at: list.length };
    list.push(deadline);
    this.#count++;
    if (isFirst) {
      this.#timer = setInterval(() => this.#onTick(), this.#period);
      this.#unref?.(this.#timer);
    }
    return () => {
      this.#remove(deadline, list);
      if (this.#isReleased) this.#stopIfIdle();
    };
  }

  /** Few deadlines are to come: from now on the timer stops with the last one. */
  release(): void {
    this.#isReleased = true;
    this.#stopIfIdle();
  }

  #dueIn(tick: number): Deadline[] {
    return this.#due[tick % this.#due.length] ?? [];
  }

  #remove(deadline: Deadline, list: Deadline[]): void {
    if (list[deadline.at] !== deadline) return;
    const last = list.pop();
    if (last && last !== deadline) {
      list[deadline.at] = last;
      last.at = deadline.at;
    }
    this.#count--;
  }

  #onTick(): void {
    const list = this.#dueIn(++this.#tick);
    for (let next = list.pop(); next; next = list.pop()) {
      this.#count--;
      next.callback();
    }
    this.#stopIfIdle();
  }

  #stopIfIdle(): void {
    if (this.#count > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
