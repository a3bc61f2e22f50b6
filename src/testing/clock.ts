import { Deferred } from "../internal/deferred.ts";
import { Internals } from "../internal/internals.ts";

/** When a {@linkcode VirtualClock} starts unless told: a fixed time, so that no test depends on today. */
const START = Date.UTC(2030, 0, 1);

/** What files of `src/testing/` need of a clock. */
export interface ClockInternals {
  /**
   * Returns a function that resolves with the time at which the first of the waits that begin
   * from now on is due.
   */
  watchWaits(): () => Promise<number>;
}

/** Those of each clock. */
export const clockInternals = new Internals<ClockInternals>("VirtualClock");

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
  #begun = new Deferred<void>();
  /** What moves by itself, if anything does. */
  #base: () => number = () => 0;
  #ahead: number;

  /**
   * A clock that shows `start`, as a date or in milliseconds since 1970-01-01 UTC. By
   * default 2030-01-01 UTC.
   *
   * @throws {TypeError} If `start` is neither.
   * @throws {RangeError} If `start` is an invalid date or not finite.
   */
  constructor(start: Date | number = START) {
    this.#ahead = milliseconds(start, "start");
    clockInternals.set(this, {
      watchWaits: () => {
        const before = new Set(this.#waits);
        return () => this.#firstSince(before);
      },
    });
  }

  /**
   * A clock that goes as another does, and is moved besides: as `FakeTime` moves
   * `Date.now`. It sees those who wait by {@linkcode VirtualClock.after} to it when it is
   * moved by its own methods.
   *
   * @param now The other clock, in milliseconds, such as `() => Date.now()`.
   * @throws {TypeError} If `now` is no function.
   *
   * @example The certificates of a pair expire by `FakeTime`
   * ```ts
   * import { assertAlert, createTlsPair, VirtualClock } from "@sesame/tls/testing";
   * import { FakeTime } from "@std/testing/time";
   *
   * using time = new FakeTime();
   * const clock = VirtualClock.following(() => Date.now());
   * using first = createTlsPair({ clock });
   * await first.handshake();
   * time.tick(91 * 86_400_000);
   * using late = first.reconnect({ session: null });
   * await late.handshake();
   * assertAlert(late, "client", "certificate_expired");
   * ```
   */
  static following(now: () => number): VirtualClock {
    if (typeof now !== "function") {
      throw new TypeError(`now must be a function, received ${typeof now}`);
    }
    const clock = new VirtualClock(0);
    clock.#base = now;
    return clock;
  }

  /** The time in milliseconds since 1970-01-01 UTC. Needs no `this`. */
  readonly now: () => number = () => this.#base() + this.#ahead;

  /** When the first of those who wait has its turn; `null` if nobody waits. */
  get next(): number | null {
    return this.#first(new Set());
  }

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
    this.#ahead += step;
    this.#wake();
  }

  /**
   * Sets the clock, forwards or back.
   *
   * @throws {TypeError} If `time` is neither a date nor a number.
   * @throws {RangeError} If `time` is an invalid date or not finite.
   */
  set(time: Date | number): void {
    this.#ahead = milliseconds(time, "time") - this.#base();
    this.#wake();
  }

  /**
   * Calls `callback` when the clock has been moved on by `ms` milliseconds or more: what a
   * timer is to other clocks. {@linkcode TlsPair.run} moves it by itself to what is waited
   * for in the course of it, as by a slow store.
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
    const wait = { due: this.now() + milliseconds(ms, "ms"), callback };
    this.#waits.add(wait);
    this.#begun.resolve();
    this.#begun = new Deferred();
    this.#wake();
    return () => void this.#waits.delete(wait);
  }

  /** Ends the waits that are due, the earliest first. */
  #wake(): void {
    const now = this.now();
    const due = [...this.#waits].filter((wait) => wait.due <= now)
      .sort((one, other) => one.due - other.due);
    for (const wait of due) {
      // Another's callback may have called it off.
      if (this.#waits.delete(wait)) wait.callback();
    }
  }

  async #firstSince(before: ReadonlySet<Wait>): Promise<number> {
    for (;;) {
      const first = this.#first(before);
      if (first !== null) return first;
      await this.#begun.promise;
    }
  }

  #first(without: ReadonlySet<Wait>): number | null {
    const due = [...this.#waits].filter((wait) => !without.has(wait))
      .map((wait) => wait.due);
    return due.length === 0 ? null : Math.min(...due);
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
