import type {
  Resumption,
  ResumptionFailure,
  ResumptionSource,
} from "./resumption.ts";

/** Counts of a context's handshakes and of the calls of its store. */
export interface SessionStats {
  /** Completed handshakes: those of `resumed` and `full` together. */
  readonly handshakes: number;
  /** Resumed handshakes, by the source of the session. */
  readonly resumed: Readonly<Partial<Record<ResumptionSource, number>>>;
  /** Full handshakes, by the reason why no session was resumed. */
  readonly full: Readonly<Partial<Record<ResumptionFailure, number>>>;
  /** Calls of the store's `get` and `take`. */
  readonly lookups: number;
  /** Calls of its `set`. */
  readonly writes: number;
  /** Calls of its `delete`. */
  readonly deletions: number;
  /** Calls of `onStoreError`. */
  readonly storeErrors: number;
}

/** The counters behind {@linkcode SessionStats}. */
export class SessionCounters {
  readonly #resumed = new Map<ResumptionSource, number>();
  readonly #full = new Map<ResumptionFailure, number>();
  #handshakes = 0;
  /** Calls of the store's `get` and `take`. */
  lookups = 0;
  /** Calls of its `set`. */
  writes = 0;
  /** Calls of its `delete`. */
  deletions = 0;
  /** Calls of `onStoreError`. */
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
