/** The clock of a test of a store. */
export interface TrialTime {
  /** Whether {@linkcode reach} is exact to the millisecond. */
  readonly exact: boolean;
  /** Whether the store was given this clock, and has never read it. */
  readonly ignored: boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The time for the store, which notes that it was read. */
  nowForStore(): number;
  /** Waits until the time is `instant`, in milliseconds, or later. */
  reach(instant: number): void | Promise<void>;
}

/** A clock that the test moves. */
export class GivenTime implements TrialTime {
  readonly exact = true;
  #now: number = Date.UTC(2030, 0, 1);
  #ignored = true;

  get ignored(): boolean {
    return this.#ignored;
  }

  now(): number {
    return this.#now;
  }

  nowForStore(): number {
    this.#ignored = false;
    return this.#now;
  }

  reach(instant: number): void {
    this.#now = instant;
  }
}

/** The system's clock. */
export class RealTime implements TrialTime {
  readonly exact = false;
  readonly ignored = false;

  now(): number {
    return Date.now();
  }

  nowForStore(): number {
    return this.now();
  }

  async reach(instant: number): Promise<void> {
    for (let left = 1; left > 0; left = instant - this.now()) {
      await pause(left);
    }
  }
}

/** Waits for `ms` milliseconds of real time. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
