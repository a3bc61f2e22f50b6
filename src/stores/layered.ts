/**
 * A {@linkcode SessionStore} that caches the records of a shared, remote store (the far store) in
 * a local one (the near store).
 *
 * @example
 * ```ts
 * import { LayeredSessionStore } from "@sesame/tls/stores/layered";
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { assertEquals } from "@std/assert";
 *
 * // In production, a store that other machines use, too.
 * const far = new MemorySessionStore();
 * const store = new LayeredSessionStore(new MemorySessionStore(), far);
 * const id = crypto.getRandomValues(new Uint8Array(32));
 * const expiresAt = new Date(Date.now() + 7_200_000);
 * await store.set(id, new Uint8Array([1, 2, 3]), { expiresAt });
 *
 * assertEquals(await store.get(id), new Uint8Array([1, 2, 3]));
 * assertEquals(store.lookups, { near: 1, far: 0 });
 * ```
 *
 * @module
 */

import { isPromise, settle } from "../internal/maybe_promise.ts";
import { ownOptions } from "../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { MissCache } from "./layered/miss_cache.ts";
import { type Confirmed, NearRecords } from "./layered/near.ts";
import {
  type LayeredLookups,
  type LayeredSessionStoreOptions,
  ownLayeredOptions,
} from "./layered/options.ts";
import { type EndCall, PendingCalls } from "./layered/pending_calls.ts";
import type {
  MaybePromise,
  RemovalReason,
  SessionGetOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type {
  LayeredLookups,
  LayeredSessionStoreOptions,
} from "./layered/options.ts";
export type * from "./session_store.ts";

/**
 * A cache in front of a far store: records are kept in a near store, usually one in memory. Every
 * change is made in the far store, and a call fails if the far store fails. The near store may
 * fail or lose records; the far store is called again then. What the near store held before is not
 * used.
 *
 * A removal, revocation or replacement through this object takes effect at once, as
 * {@linkcode SessionStore} requires. Changes by other processes are seen later:
 *
 * - a record that another process removes, takes, revokes or replaces may be returned for up to
 *   `maxStaleness`;
 * - so may an expired record that came from the far store, which doesn't return when a record
 *   expires: one that another process stored, or that the near store no longer had (because of
 *   `maxEntries`, `clear` or a failure). `TlsContext` checks the expiry in each record itself;
 * - a connection may therefore resume a session that another process has revoked, and store
 *   another one with its tag: see `tag` of `TlsContext`;
 * - a record that another process stores may be missing for up to `missLifetime`, if it was looked
 *   up here before.
 *
 * `take` always calls the far store, so that one of several servers gets the record. `take`,
 * `revoke`, `entries` and `purge` exist if the far store has them. Signals are passed to both
 * stores, which the caller closes.
 */
export class LayeredSessionStore implements SessionStore {
  /** Looks up a session in the far store and removes it from both stores. */
  readonly take?: NonNullable<SessionStore["take"]>;
  /** Removes all sessions that were stored with a tag, from both stores. */
  readonly revoke?: NonNullable<SessionStore["revoke"]>;
  /** Lists the sessions of the far store. */
  readonly entries?: NonNullable<SessionStore["entries"]>;
  /** Removes expired records from the far store. */
  readonly purge?: NonNullable<SessionStore["purge"]>;
  readonly #far: SessionStore;
  readonly #near: NearRecords;
  readonly #misses: MissCache;
  readonly #pending = new PendingCalls();
  readonly #maxStaleness: number;
  readonly #now: () => number;
  #nearLookups = 0;
  #farLookups = 0;

  /**
   * Creates a store in front of another.
   *
   * @param near The store for cached records.
   * @param far The store of the sessions.
   * @param options Durations, limits and the clock.
   * @throws {TypeError} If an option is of the wrong type.
   * @throws {RangeError} If an option is out of its range.
   */
  constructor(
    near: SessionStore,
    far: SessionStore,
    options: LayeredSessionStoreOptions = {},
  ) {
    const own = ownLayeredOptions(options);
    this.#maxStaleness = own.maxStaleness;
    this.#misses = new MissCache(own.missLifetime, own.maxMisses);
    this.#near = new NearRecords(near, own.maxEntries);
    this.#far = far;
    this.#now = own.now;

    const take = far.take?.bind(far);
    if (take !== undefined) {
      this.take = (id, options) =>
        this.#change(id, "consumed", () => take(id, options));
    }
    const revoke = far.revoke?.bind(far);
    if (revoke !== undefined) {
      this.revoke = (options) =>
        this.#revoke(options.tag, () => revoke(options));
    }
    const entries = far.entries?.bind(far);
    if (entries !== undefined) this.entries = entries;
    const purge = far.purge?.bind(far);
    if (purge !== undefined) this.purge = purge;
  }

  /** How many look-ups each store has answered, without those of `take`. */
  get lookups(): LayeredLookups {
    return { near: this.#nearLookups, far: this.#farLookups };
  }

  /**
   * Looks up a session: in the near store first, then in the far store.
   *
   * @param id The session id.
   * @param options The signal.
   * @returns A copy of the record, or `undefined` if there is none.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws The error of the far store.
   */
  get(
    id: Uint8Array,
    options?: SessionGetOptions,
  ): MaybePromise<Uint8Array | undefined> {
    checkId(id);
    const key = keyOf(id);
    const now = this.#now();
    if (this.#misses.has(key, now)) {
      this.#nearLookups++;
      return undefined;
    }
    const proceed = (
      record: Uint8Array | undefined,
    ): MaybePromise<Uint8Array | undefined> => {
      if (record === undefined) return this.#getFar(id, key, options);
      this.#nearLookups++;
      return record;
    };
    const found = this.#near.get(key, now, options);
    return isPromise(found) ? found.then(proceed) : proceed(found);
  }

  /**
   * Stores a record in the far store, then in the near store.
   *
   * @param id The session id.
   * @param record The bytes to store.
   * @param options The expiry, the tag and the signal.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or the tag is empty or longer than
   * 256 bytes.
   * @throws The error of the far store; then nothing is in the near store.
   */
  set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): MaybePromise<void> {
    const own = ownOptions(options);
    const expiresAt = checkSetArguments(id, record, own);
    const { tag } = own;
    const since = this.#now();
    const until = Math.min(expiresAt, since + this.#maxStaleness);
    return this.#change(
      id,
      "evicted",
      () => this.#far.set(id, record, options),
      () => this.#keep(keyOf(id), record, { since, until, expiresAt, tag }),
    );
  }

  /**
   * Removes a session from both stores.
   *
   * @param id The session id.
   * @param reason The reason.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws The error of the far store; then nothing is in the near store.
   */
  delete(id: Uint8Array, reason: RemovalReason): MaybePromise<void> {
    return this.#change(id, reason, () => this.#far.delete(id, reason));
  }

  /** Removes everything from the near store, so that the far store is called again. */
  clear(): void {
    const end = this.#pending.startChangeOfAll();
    this.#near.clear();
    this.#misses.clear();
    end();
  }

  #getFar(
    id: Uint8Array,
    key: string,
    options: SessionGetOptions | undefined,
  ): MaybePromise<Uint8Array | undefined> {
    const since = this.#now();
    const known = this.#near.expiryOf(key);
    // After that expiry, the far store returns another record.
    const expiresAt = known > since ? known : Infinity;
    const end = this.#pending.startLookup(key);
    this.#farLookups++;
    const succeeded = (
      record: Uint8Array | undefined,
    ): Uint8Array | undefined => {
      if (!end()) return record;
      if (record !== undefined) {
        const until = Math.min(expiresAt, since + this.#maxStaleness);
        this.#keep(key, record, { since, until, expiresAt, tag: null });
      } else if (!options?.signal?.aborted) {
        // An aborted look-up may return nothing although there is a record.
        this.#misses.add(key, since);
      }
      return record;
    };
    return settle(() => this.#far.get(id, options), succeeded, rethrow(end));
  }

  #change<T>(
    id: Uint8Array,
    reason: RemovalReason,
    call: () => MaybePromise<T>,
    keep: () => void = () => {},
  ): MaybePromise<T> {
    checkId(id);
    const key = keyOf(id);
    const end = this.#pending.startChange(key);
    this.#near.delete(key, reason);
    this.#misses.delete(key);
    const succeeded = (result: T): T => {
      if (end()) keep();
      return result;
    };
    return settle(call, succeeded, rethrow(end));
  }

  #revoke(
    tag: string,
    call: () => MaybePromise<number>,
  ): MaybePromise<number> {
    checkTag(tag);
    const end = this.#pending.startChangeOfAll();
    this.#near.deleteTagged(tag);
    const succeeded = (count: number): number => {
      end();
      return count;
    };
    return settle(call, succeeded, rethrow(end));
  }

  #keep(key: string, record: Uint8Array, confirmed: Confirmed): void {
    if (confirmed.until <= this.#now()) return;
    this.#near.keep(key, record, confirmed, this.#pending.startLookup(key));
  }
}

/** A string with one UTF-16 code unit for each byte. */
function keyOf(id: Uint8Array): string {
  return String.fromCharCode(...id);
}

function rethrow(end: EndCall | (() => void)): (error: unknown) => never {
  return (error) => {
    end();
    throw error;
  };
}
