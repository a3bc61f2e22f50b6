import type { StoreMethod } from "../_store_calls.ts";
import type { VirtualClock } from "../clock.ts";
import type { Seed } from "../entropy.ts";

/**
 * A fault of a store:
 *
 * - `"latency"`: the call waits for `ms` milliseconds before it takes effect;
 * - `"error"`: the call rejects with `error`, by default an `Error` that says so. With
 *   `takesEffect` the wrapped store executes the call nevertheless, as if its answer was lost;
 * - `"throws-sync"`: the call throws `error` at once, without a promise;
 * - `"never"`: the call never settles, not even when its signal is aborted;
 * - `"lost-write"`: a `set`, `delete`, `revoke` or `purge` succeeds without an effect;
 * - `"stale-read"`: a `get` or `take` returns the record that the id had before the last change
 *   through this store, even if it has expired;
 * - `"expired"`: a `get` or `take` returns the record of the id even if it has expired;
 * - `"wrong-record"`: a `get` or `take` returns the newest record of another id;
 * - `"duplicate"`: a `take` doesn't remove the record;
 * - `"corrupt"`: one byte of the record that a `get` or `take` returns, or a `set` stores, is
 *   changed: the one at index `at`, where -1 is the last, by exclusive or with `xor`, 1 to 255.
 *   By default both are drawn from the seed.
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

/** A condition for calls that a fault applies to: those that meet all of its properties. */
export interface FaultCondition {
  /** Calls with this session id. */
  readonly id?: Uint8Array | undefined;
  /**
   * The numbers of the calls, from 1. The calls with a method of the fault and with `id` are
   * counted, from the time at which the faults were set.
   */
  readonly calls?: number | readonly number[] | undefined;
  /** Calls from this time on. */
  readonly from?: Date | number | undefined;
  /** Calls before this time. */
  readonly until?: Date | number | undefined;
  /** The probability, 0 to 1, of each call that meets the other properties, by the seed. */
  readonly probability?: number | undefined;
}

/** A fault, and the calls that it applies to. */
export interface PlannedFault {
  /** The methods of the store that it applies to. */
  readonly on: StoreMethod | readonly StoreMethod[];
  /** The condition for calls that it applies to. By default it applies to all. */
  readonly when?: FaultCondition | undefined;
  /** The fault. */
  readonly fault: StoreFault;
}

/** Options of {@linkcode FaultyStore}. */
export interface FaultyStoreOptions {
  /** The faults. Several that apply to one call happen in this order. */
  faults?: readonly PlannedFault[] | undefined;
  /**
   * The seed of `probability` and `"corrupt"`: the same calls in the same order have the same
   * faults.
   *
   * @default {"faulty"}
   */
  seed?: Seed | undefined;
  /**
   * The clock of `from`, `until` and `"latency"`. Waiting calls go on when the test moves it,
   * or {@linkcode TlsPair.run} of a pair with this clock. By default the system's clock and
   * real timers.
   *
   * The timeouts of a server (`lookupTimeout`, `writeTimeout`) and a socket
   * (`handshakeTimeout`) are of real timers: latency by this clock doesn't reach them.
   */
  clock?: VirtualClock | undefined;
}

/** The number of injections by kind of fault. */
export type InjectedFaults = Readonly<
  Partial<Record<StoreFault["kind"], number>>
>;
