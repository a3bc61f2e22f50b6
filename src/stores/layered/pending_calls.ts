/** The pending calls about one record, or about all. */
interface CallCounts {
  /** How many calls are pending. */
  pending: number;
  /** How many of them are changes. */
  changing: number;
  /** How many changes have ended. */
  changed: number;
}

/** Ends a call. Returns whether no other change was pending at any time during the call. */
export type EndCall = () => boolean;

/**
 * Tracks pending calls of the far store, to decide whether the result of a call may be kept near:
 * not if a change of the same record was pending during the call, as either may have come first.
 */
export class PendingCalls {
  readonly #byKey = new Map<string, CallCounts>();
  readonly #all: CallCounts = { pending: 0, changing: 0, changed: 0 };

  /** Starts a look-up of a record. */
  startLookup(key: string): EndCall {
    const counts = this.#enter(key);
    const before = this.#changesOf(counts);
    return () => {
      this.#leave(key, counts);
      return counts.changing === 0 && this.#all.changing === 0 &&
        this.#changesOf(counts) === before;
    };
  }

  /** Starts a change of one record. */
  startChange(key: string): EndCall {
    const counts = this.#enter(key);
    counts.changing++;
    const before = this.#changesOf(counts);
    return () => {
      this.#leave(key, counts);
      const isOnlyChange = counts.changing === 1 && this.#all.changing === 0 &&
        this.#changesOf(counts) === before;
      counts.changing--;
      counts.changed++;
      return isOnlyChange;
    };
  }

  /** Starts a change that may concern all records. */
  startChangeOfAll(): () => void {
    this.#all.changing++;
    return () => {
      this.#all.changing--;
      this.#all.changed++;
    };
  }

  /** A number that increases with each change of this record and of all records. */
  #changesOf(counts: CallCounts): number {
    return counts.changed + this.#all.changed;
  }

  #enter(key: string): CallCounts {
    const counts = this.#byKey.get(key) ??
      { pending: 0, changing: 0, changed: 0 };
    counts.pending++;
    this.#byKey.set(key, counts);
    return counts;
  }

  #leave(key: string, counts: CallCounts): void {
    counts.pending--;
    if (counts.pending === 0) this.#byKey.delete(key);
  }
}
