import type { StoreMethod } from "../_store_calls.ts";
import type { VirtualClock } from "../clock.ts";
import type { Seed } from "../entropy.ts";

/**
 * What goes wrong:
 *
 * - `"latency"`: the call waits for `ms` milliseconds before it takes effect;
 * - `"error"`: the call rejects with `error`, by default one that says that it was planned.
 *   With `takesEffect` the store within does what it was asked all the same, as where the
 *   answer is lost on the way;
 * - `"throws-sync"`: the call throws `error` at once, without a promise;
 * - `"never"`: the call never settles, not even when its signal is aborted;
 * - `"lost-write"`: a `set`, `delete`, `revoke` or `purge` that is answered and not done;
 * - `"stale-read"`: a `get` or `take` answers with what the id held before the last change
 *   that was made through this store, whether it has expired or not;
 * - `"expired"`: a `get` or `take` answers with what the id holds though it has expired;
 * - `"wrong-record"`: a `get` or `take` answers with the newest record of another id;
 * - `"duplicate"`: a `take` leaves the record, so that the next one gets it too;
 * - `"corrupt"`: one byte of what a `get` or `take` answers, or a `set` stores, is changed:
 *   that at `at`, where -1 is the last, by exclusive or with `xor`, 1 to 255. Both are drawn
 *   from the seed unless given.
 */
export type StoreFault =
  | { readonly kind: "latency"; readonly ms: number }
  | {
    readonly kind: "error";
    readonly error?: unknown;
    readonly takesEffect?: boolean | undefined;
  }
  | { readonly kind: "throws-sync"; readonly error?: unknown }
  | { readonly kind: "never" }
  | { readonly kind: "lost-write" }
  | { readonly kind: "stale-read" }
  | { readonly kind: "expired" }
  | { readonly kind: "wrong-record" }
  | { readonly kind: "duplicate" }
  | {
    readonly kind: "corrupt";
    readonly at?: number | undefined;
    readonly xor?: number | undefined;
  };

/** Which calls have a fault: those for which all that is given here holds. */
export interface FaultCondition {
  /** Those with this session id. */
  readonly id?: Uint8Array | undefined;
  /**
   * The first, second… of the calls in question, from 1. They are counted, from when the
   * plan was made, by the methods of the fault and the `id`.
   */
  readonly calls?: number | readonly number[] | undefined;
  /** Those from this time on. */
  readonly from?: Date | number | undefined;
  /** Those before this time. */
  readonly until?: Date | number | undefined;
  /** Each of the rest as likely as this, 0 to 1, by the seed. */
  readonly probability?: number | undefined;
}

/** A fault, and where it happens. */
export interface PlannedFault {
  /** The methods of the store that have it. */
  readonly on: StoreMethod | readonly StoreMethod[];
  /** Which of their calls have it. By default all. */
  readonly when?: FaultCondition | undefined;
  /** What goes wrong. */
  readonly fault: StoreFault;
}

/** Options of {@linkcode FaultyStore}. */
export interface FaultyStoreOptions {
  /** What goes wrong. Those that befall the same call do so in this order. */
  faults?: readonly PlannedFault[] | undefined;
  /**
   * Decides what `probability` and `"corrupt"` leave open: the same calls in the same
   * order have the same faults.
   *
   * @default {"faulty"}
   */
  seed?: Seed | undefined;
  /**
   * The clock of `from`, `until` and `"latency"`: calls that wait go on when it is moved,
   * by the test or, in the course of {@linkcode TlsPair.run}, by the pair whose clock it is.
   * By default the system's, and timers.
   *
   * How long a server waits for its store (`lookupTimeout`, `writeTimeout`) is up to real
   * timers, as is a socket's `handshakeTimeout`: latency by this clock doesn't count there.
   */
  clock?: VirtualClock | undefined;
}

/** How often each fault was injected. */
export type InjectedFaults = Readonly<
  Partial<Record<StoreFault["kind"], number>>
>;
