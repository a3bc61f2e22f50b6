import type {
  Resumption,
  ResumptionFailure,
  ResumptionSource,
} from "./resumption.ts";

/** What became of a context's handshakes and of what it asked its store. */
export interface SessionStats {
  /** Completed handshakes: the sum of `resumed` and `full`. */
  readonly handshakes: number;
  /** Resumed handshakes, by where the session came from. */
  readonly resumed: Readonly<Partial<Record<ResumptionSource, number>>>;
  /** Full handshakes, by why none was resumed. */
  readonly full: Readonly<Partial<Record<ResumptionFailure, number>>>;
  /** Look-ups that reached the store. */
  readonly lookups: number;
  /** Sessions that were given to the store. */
  readonly writes: number;
  /** Sessions that were deleted from the store. */
  readonly deletions: number;
  /** Failures of the store, each of which was reported. */
  readonly storeErrors: number;
}

/** The counters behind {@linkcode SessionStats}. */
export class SessionCounters {
  readonly #resumed = new Map<ResumptionSource, number>();
  readonly #full = new Map<ResumptionFailure, number>();
  #handshakes = 0;
  /** Look-ups that reached the store. */
  lookups = 0;
  /** Sessions that were given to the store. */
  writes = 0;
  /** Sessions that were deleted from the store. */
  deletions = 0;
  /** Failures of the store. */
  storeErrors = 0;

  /** Counts a completed handshake. */
  count(outcome: Resumption): void {
    this.#handshakes++;
    if (outcome.resumed) increment(this.#resumed, outcome.from);
    else increment(this.#full, outcome.reason);
  }

  /** The counters as they are now. */
  snapshot(): SessionStats {
    return {
      handshakes: this.#handshakes,
      resumed: Object.fromEntries(this.#resumed),
      full: Object.fromEntries(this.#full),
      lookups: this.lookups,
      writes: this.writes,
      deletions: this.deletions,
      storeErrors: this.storeErrors,
    };
  }
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
