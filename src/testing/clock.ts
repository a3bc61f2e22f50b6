import { Deferred } from "../internal/deferred.ts";
import { Internals } from "../internal/internals.ts";
import { received } from "../internal/received.ts";

/** The default start of a {@linkcode VirtualClock}: a fixed time, so that no test depends on today. */
const START = Date.UTC(2030, 0, 1);

/** The state of a clock that other files of `src/testing/` need. */
export interface ClockInternals {
  /**
   * Begins to look for new callbacks. The function that it returns resolves to the time of the
   * earliest, as soon as there is one.
   */
  watchWaits(): () => Promise<number>;
}

/** The internals of each clock. */
export const clockInternals = new Internals<ClockInternals>("VirtualClock");

/**
 * A clock that stands still until a test moves it. Its `now` is the `clock` of an `OpenSSL`
 * and the `now` of a store.
 *
 * @example Two hours later
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
  /** The clock that this one follows, if it follows one. */
  #base: () => number = () => 0;
  #ahead: number;

  /**
   * Creates a clock that shows `start`, a date or milliseconds since 1970-01-01 UTC. By
   * default 2030-01-01 UTC.
   *
   * @throws {TypeError} If `start` is neither a date nor a number.
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
   * Creates a clock that follows another one, such as `Date.now`, which `FakeTime` moves. Its
   * own methods move it too. Only they call the callbacks of {@linkcode VirtualClock.after}.
   *
   * @param now Returns the time of the other clock in milliseconds, such as
   * `() => Date.now()`.
   * @throws {TypeError} If `now` is not a function.
   *
   * @example Certificates of a pair that expire by `FakeTime`
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
      throw new TypeError(`now must be a function, received ${received(now)}`);
    }
    const clock = new VirtualClock(0);
    clock.#base = now;
    return clock;
  }

  /** The time in milliseconds since 1970-01-01 UTC. Needs no `this`. */
  readonly now: () => number = () => this.#base() + this.#ahead;

  /** The time of the earliest callback of {@linkcode VirtualClock.after}; `null` if there is none. */
  get next(): number | null {
    return this.#first(new Set());
  }

  /**
   * Moves the clock forwards.
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
   * Calls `callback` once the clock has been moved by `ms` milliseconds or more, as a timer
   * does. {@linkcode TlsPair.run} moves the clock to callbacks that are set while it runs,
   * as a slow store sets them.
   *
   * @returns A function that cancels the call.
   * @throws {TypeError} If an argument has the wrong type.
   * @throws {RangeError} If `ms` is not finite.
   */
  after(ms: number, callback: () => void): () => void {
    if (typeof callback !== "function") {
      throw new TypeError(
        `callback must be a function, received ${received(callback)}`,
      );
    }
    const wait = { due: this.now() + milliseconds(ms, "ms"), callback };
    this.#waits.add(wait);
    this.#begun.resolve();
    this.#begun = new Deferred();
    this.#wake();
    return () => void this.#waits.delete(wait);
  }

  /** Calls the callbacks that are due, the earliest first. */
  #wake(): void {
    const now = this.now();
    const due = [...this.#waits].filter((wait) => wait.due <= now)
      .sort((one, other) => one.due - other.due);
    for (const wait of due) {
      // An earlier callback may have cancelled it.
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

/** A callback, and the time at which it is due. */
interface Wait {
  readonly due: number;
  readonly callback: () => void;
}

function milliseconds(time: Date | number, name: string): number {
  // Accepts dates of another realm and of FakeTime.
  const ms = typeof time === "object" && time !== null &&
      typeof time.getTime === "function"
    ? time.getTime()
    : time;
  if (typeof ms !== "number") {
    throw new TypeError(
      `${name} must be a Date or a number of milliseconds, received ${
        received(time)
      }`,
    );
  }
  if (!Number.isFinite(ms)) {
    throw new RangeError(`${name} must be a finite time, received ${ms}`);
  }
  return ms;
}
