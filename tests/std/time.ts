/**
 * The part of `@std/testing/time` that the tests use, for where JSR can't be
 * reached: `Date`, timeouts, intervals and `AbortSignal.timeout` that follow a time that the test sets.
 *
 * @module
 */

type Callback = (...args: unknown[]) => void;

interface Timer {
  readonly callback: Callback;
  readonly args: unknown[];
  readonly due: number;
  /** How long until it is due again; `null` for a timeout. */
  readonly interval: number | null;
}

const REAL = {
  Date,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
} as const;
const REAL_SIGNAL_TIMEOUT = AbortSignal.timeout;

let current: FakeTime | undefined;

/** What {@linkcode FakeTime} throws when it is used wrongly. */
export class TimeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TimeError";
  }
}

/** Replaces the global time by one that passes only when told, until it is restored. */
export class FakeTime {
  /** When it started, in milliseconds. */
  readonly start: number;
  readonly #timers = new Map<number, Timer>();
  #now: number;
  #lastId = 0;

  /** Fakes the time. By default it stands where the real one is. */
  constructor(start?: number | string | Date | null) {
    if (current) {
      throw new TimeError("Cannot construct FakeTime: time is already faked");
    }
    this.start = new REAL.Date(start ?? REAL.Date.now()).getTime();
    if (Number.isNaN(this.start)) {
      throw new TypeError("Cannot construct FakeTime: invalid start");
    }
    this.#now = this.start;
    current = this;
    Object.assign(globalThis, {
      Date: this.#fakeDate(),
      setTimeout: (callback: Callback, delay?: number, ...args: unknown[]) =>
        this.#addTimer(callback, delay, args, false),
      setInterval: (callback: Callback, delay?: number, ...args: unknown[]) =>
        this.#addTimer(callback, delay, args, true),
      clearTimeout: (id: number) => void this.#timers.delete(id),
      clearInterval: (id: number) => void this.#timers.delete(id),
    });
    AbortSignal.timeout = (delay) => this.#signalAfter(delay);
  }

  /** The time in milliseconds. Setting it runs the timers that are due by then. */
  get now(): number {
    return this.#now;
  }

  set now(value: number) {
    if (value < this.#now) {
      throw new RangeError(
        `Cannot set current time in the past, time must be >= ${this.#now}: received ${value}`,
      );
    }
    for (
      let next = this.#nextTimer();
      next && next[1].due <= value;
      next = this.#nextTimer()
    ) this.#run(...next);
    this.#now = value;
  }

  /** Lets time pass. */
  tick(ms = 0): void {
    this.now += ms;
  }

  /** Has promises go on first, then lets time pass. */
  async tickAsync(ms = 0): Promise<void> {
    await this.runMicrotasks();
    this.now += ms;
  }

  /** Has promises go on. */
  async runMicrotasks(): Promise<void> {
    await new Promise((resolve) => REAL.setTimeout(resolve, 0));
  }

  /** Puts the real time back. */
  restore(): void {
    if (current !== this) {
      throw new TimeError("Cannot restore time: time is already restored");
    }
    current = undefined;
    Object.assign(globalThis, REAL);
    AbortSignal.timeout = REAL_SIGNAL_TIMEOUT;
  }

  /** Puts the real time back. */
  [Symbol.dispose](): void {
    this.restore();
  }

  /** What it makes are real dates, so that `instanceof` holds. */
  #fakeDate(): DateConstructor {
    const now = (): number => this.#now;
    return new Proxy(REAL.Date, {
      apply: () => new REAL.Date(now()).toString(),
      construct: (target, args, newTarget) =>
        Reflect.construct(
          target,
          args.length === 0 ? [now()] : args,
          newTarget,
        ),
      get: (target, name) =>
        name === "now" ? now : Reflect.get(target, name, target),
    });
  }

  #signalAfter(delay: number): AbortSignal {
    const aborter = new AbortController();
    const abort = (): void =>
      aborter.abort(new DOMException("Signal timed out.", "TimeoutError"));
    this.#addTimer(abort, delay, [], false);
    return aborter.signal;
  }

  #addTimer(
    callback: Callback,
    delay: number | undefined,
    args: unknown[],
    repeats: boolean,
  ): number {
    const wait = Math.max(repeats ? 1 : 0, Math.floor(delay ?? 0));
    this.#timers.set(++this.#lastId, {
      callback,
      args,
      due: this.#now + wait,
      interval: repeats ? wait : null,
    });
    return this.#lastId;
  }

  /** Of timers that are due together it is the one that was set first. */
  #nextTimer(): [id: number, timer: Timer] | undefined {
    return [...this.#timers].reduce<[number, Timer] | undefined>(
      (first, entry) => first && first[1].due <= entry[1].due ? first : entry,
      undefined,
    );
  }

  #run(id: number, timer: Timer): void {
    this.#now = timer.due;
    this.#timers.delete(id);
    if (timer.interval !== null) {
      this.#timers.set(id, { ...timer, due: timer.due + timer.interval });
    }
    timer.callback(...timer.args);
  }
}
