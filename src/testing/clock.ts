/** When a {@linkcode VirtualClock} starts unless told: a fixed time, so that no test depends on today. */
const START = Date.UTC(2030, 0, 1);

/**
 * A clock that stands still until a test moves it. Give its `now` to whatever asks for the
 * time: to `new OpenSSL({ clock })`, to a store's option `now`.
 *
 * @example Two hours in no time
 * ```ts
 * import { OpenSSL } from "@sesame/tls";
 * import { VirtualClock } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new VirtualClock(new Date("2030-01-01T00:00:00Z"));
 * const openssl = new OpenSSL({ clock: clock.now });
 * clock.advance(2 * 3_600_000);
 * assertEquals(new Date(openssl.now()), new Date("2030-01-01T02:00:00Z"));
 * ```
 */
export class VirtualClock {
  readonly #waits = new Set<Wait>();
  #time: number;

  /**
   * A clock that shows `start`, as a date or in milliseconds since 1970-01-01 UTC. By
   * default 2030-01-01 UTC.
   *
   * @throws {TypeError} If `start` is neither.
   * @throws {RangeError} If `start` is an invalid date or not finite.
   */
  constructor(start: Date | number = START) {
    this.#time = milliseconds(start, "start");
  }

  /** The time in milliseconds since 1970-01-01 UTC. Needs no `this`. */
  readonly now: () => number = () => this.#time;

  /**
   * Moves the clock on.
   *
   * @throws {RangeError} If `ms` is negative or not finite: {@linkcode VirtualClock.set}
   * turns the clock back.
   */
  advance(ms: number): void {
    const step = milliseconds(ms, "ms");
    if (step < 0) {
      throw new RangeError(`ms must not be negative, received ${step}`);
    }
    this.#time += step;
    this.#wake();
  }

  /**
   * Sets the clock, forwards or back.
   *
   * @throws {TypeError} If `time` is neither a date nor a number.
   * @throws {RangeError} If `time` is an invalid date or not finite.
   */
  set(time: Date | number): void {
    this.#time = milliseconds(time, "time");
    this.#wake();
  }

  /**
   * Calls `callback` when the clock has been moved on by `ms` milliseconds or more: what a
   * timer is to other clocks.
   *
   * @returns A function that calls it off.
   * @throws {TypeError} If an argument is not of its type.
   * @throws {RangeError} If `ms` is not finite.
   */
  after(ms: number, callback: () => void): () => void {
    if (typeof callback !== "function") {
      throw new TypeError(
        `callback must be a function, received ${typeof callback}`,
      );
    }
    const wait = { due: this.#time + milliseconds(ms, "ms"), callback };
    this.#waits.add(wait);
    this.#wake();
    return () => void this.#waits.delete(wait);
  }

  /** Ends the waits that are due, the earliest first. */
  #wake(): void {
    const due = [...this.#waits].filter((wait) => wait.due <= this.#time)
      .sort((one, other) => one.due - other.due);
    for (const wait of due) {
      // Another's callback may have called it off.
      if (this.#waits.delete(wait)) wait.callback();
    }
  }
}

/** One who waits for the clock. */
interface Wait {
  readonly due: number;
  readonly callback: () => void;
}

function milliseconds(time: Date | number, name: string): number {
  // A date of another realm, or of FakeTime, is a date too.
  const ms = typeof time === "object" && time !== null &&
      typeof time.getTime === "function"
    ? time.getTime()
    : time;
  if (typeof ms !== "number") {
    throw new TypeError(
      `${name} must be a Date or a number of milliseconds, received ${typeof time}`,
    );
  }
  if (!Number.isFinite(ms)) {
    throw new RangeError(`${name} must be a finite time, received ${ms}`);
  }
  return ms;
}
