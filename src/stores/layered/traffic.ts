/** The calls that are pending about one record, or about all. */
interface Lane {
  /** How many there are. */
  pending: number;
  /** How many of them change something. */
  changing: number;
  /** How many such calls have ended. */
  changed: number;
}

/** Ends a call; tells whether no other change was pending at any time since it began. */
export type EndCall = () => boolean;

/**
 * Knows of answers that come from far whether they may be kept near: not where
 * a change was pending along with the question, as either may have come first.
 */
export class Traffic {
  readonly #lanes = new Map<string, Lane>();
  readonly #all: Lane = { pending: 0, changing: 0, changed: 0 };

  /** Begins a call that changes nothing. */
  look(key: string): EndCall {
    const lane = this.#enter(key);
    const seen = this.#changedIn(lane);
    return () => {
      this.#leave(key, lane);
      return lane.changing === 0 && this.#all.changing === 0 &&
        this.#changedIn(lane) === seen;
    };
  }

  /** Begins a call that changes one record. */
  change(key: string): EndCall {
    const lane = this.#enter(key);
    lane.changing++;
    const seen = this.#changedIn(lane);
    return () => {
      this.#leave(key, lane);
      const alone = lane.changing === 1 && this.#all.changing === 0 &&
        this.#changedIn(lane) === seen;
      lane.changing--;
      lane.changed++;
      return alone;
    };
  }

  /** Begins a call that may change any record. */
  changeAll(): () => void {
    this.#all.changing++;
    return () => {
      this.#all.changing--;
      this.#all.changed++;
    };
  }

  #changedIn(lane: Lane): number {
    // A sum of two that only go up changes when either does.
    return lane.changed + this.#all.changed;
  }

  #enter(key: string): Lane {
    const lane = this.#lanes.get(key) ??
      { pending: 0, changing: 0, changed: 0 };
    lane.pending++;
    this.#lanes.set(key, lane);
    return lane;
  }

  #leave(key: string, lane: Lane): void {
    lane.pending--;
    if (lane.pending === 0) this.#lanes.delete(key);
  }
}
