/** How often a taken lock is looked at before the thread sleeps. */
const SPINS = 200;
/** How long a thread sleeps at most until it looks again, in milliseconds. */
const NAP = 50;
/**
 * After so many naps in the same turn its thread must have ended: a turn takes microseconds.
 * Several naps, not one: when a process is continued after a stop, only one nap is over.
 */
const MAX_NAPS = 20;

/** Where a lock is in shared memory, as indices of 32-bit words. */
export interface LockPlace {
  /** The number of the turn that holds the lock, or 0. */
  readonly holder: number;
  /** The number of the last turn. */
  readonly turns: number;
}

/**
 * A lock that threads share. A thread that was terminated while it held the lock loses it to the
 * next one that waits, after a second.
 */
export class Lock {
  readonly #words: Int32Array;
  readonly #place: LockPlace;
  readonly #repair: () => void;

  /**
   * @param words The shared words.
   * @param place Which of them are the lock's.
   * @param repair Called with the lock held, if what it guards may be inconsistent.
   */
  constructor(words: Int32Array, place: LockPlace, repair: () => void) {
    this.#words = words;
    this.#place = place;
    this.#repair = repair;
  }

  /** Calls `action`, which must be short, while no other thread is in such a call. */
  run<T>(action: () => T): T {
    const turn = this.#nextTurn();
    this.#acquire(turn);
    let isDone = false;
    try {
      const result = action();
      isDone = true;
      return result;
    } finally {
      if (!isDone) this.#repair();
      this.#release(turn);
    }
  }

  /** A number other than 0, and than those of other threads now. */
  #nextTurn(): number {
    const { turns } = this.#place;
    return Atomics.add(this.#words, turns, 1) + 1 | 0 || this.#nextTurn();
  }

  #acquire(turn: number): void {
    const words = this.#words;
    const { holder } = this.#place;
    for (let spins = 0; spins < SPINS; spins++) {
      if (Atomics.compareExchange(words, holder, 0, turn) === 0) return;
    }
    let naps = 0;
    let before = 0;
    for (;;) {
      const other = Atomics.compareExchange(words, holder, 0, turn);
      if (other === 0) return;
      naps = other === before ? naps + 1 : 0;
      before = other;
      if (naps < MAX_NAPS) {
        Atomics.wait(words, holder, other, NAP);
      } else if (
        Atomics.compareExchange(words, holder, other, turn) === other
      ) {
        return this.#repair();
      }
    }
  }

  #release(turn: number): void {
    const { holder } = this.#place;
    // Unless another thread has taken this one for ended.
    Atomics.compareExchange(this.#words, holder, turn, 0);
    Atomics.notify(this.#words, holder, 1);
  }
}
