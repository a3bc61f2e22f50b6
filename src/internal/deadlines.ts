/** At most how often in the time of a deadline it is looked whether one has passed. */
const MAX_TICKS = 8;

/** The deadlines of a tick, in no order, and when the newest was added, by both clocks. */
interface Tick {
  readonly list: Deadline[];
  date: number;
  time: number;
}

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
  readonly #ms: number;
  readonly #ticks: number;
  readonly #period: number;
  readonly #unref: ((timer: unknown) => void) | undefined;
  /**
   * Those of each tick. They aren't in a `Map`: when V8 copies the table of one to drop what was
   * deleted, the old table leads to the new one and to all that was in it, and once one is old,
   * none of them, and nothing of their connections, is collected with the young objects.
   */
  readonly #due: readonly Tick[];
  #count = 0;
  #tick = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isReleased: boolean;
  #isPassing = false;

  /**
   * Deadlines of `ms` milliseconds. With `unref`, which has to keep the timer from holding the
   * runtime, it runs until a tick without any, as more are likely to come; without, and after
   * `release`, it stops with the last one.
   */
  constructor(ms: number, unref?: (timer: unknown) => void) {
    this.#ms = ms;
    // Node's timers, and Bun's, drop fractions: the deadlines would be passed too early.
    this.#period = Math.ceil(ms / MAX_TICKS);
    this.#ticks = Math.ceil(ms / this.#period);
    // For each tick from the present one to the last in which a deadline can be due.
    this.#due = Array.from(
      { length: this.#ticks + 2 },
      () => ({ list: [], date: 0, time: 0 }),
    );
    this.#unref = unref;
    this.#isReleased = unref === undefined;
  }

  /** Calls `callback` when its time is up: returns how to call that off. */
  add(callback: () => void): () => void {
    const isFirst = this.#timer === undefined;
    // The present tick has begun, unless the timer starts with it.
    const due = this.#tick + this.#ticks + (isFirst ? 0 : 1);
    const tick = this.#due[due % this.#due.length] as Tick;
    const { list } = tick;
    tick.date = Date.now();
    tick.time = performance.now();
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
    const present = ++this.#tick % this.#due.length;
    this.#isPassing = true;
    try {
      for (const [index, tick] of this.#due.entries()) {
        if (index === present || this.#isOver(tick)) this.#pass(tick);
      }
    } finally {
      this.#isPassing = false;
    }
    this.#stopIfIdle();
  }

  /**
   * Whether the time of all deadlines of a tick is up before the tick comes: a busy event loop
   * delays each. By both clocks: that of the day may be set, or be that of a test.
   */
  #isOver({ list, date, time }: Tick): boolean {
    return list.length > 0 && Date.now() - date >= this.#ms &&
      performance.now() - time >= this.#ms;
  }

  #pass({ list }: Tick): void {
    for (let next = list.pop(); next; next = list.pop()) {
      this.#count--;
      next.callback();
    }
  }

  #stopIfIdle(): void {
    // One that is added while others are passed is not the first: it could be among them.
    if (this.#count > 0 || this.#isPassing) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
