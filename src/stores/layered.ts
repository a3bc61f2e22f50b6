/**
 * A {@linkcode SessionStore} that keeps records near, in front of a shared
 * store that is far.
 *
 * @example
 * ```ts
 * import { LayeredSessionStore } from "@sesame/tls/stores/layered";
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { assertEquals } from "@std/assert";
 *
 * // In earnest, one that other machines use too.
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

import { ownOptions } from "../internal/own_options.ts";
import { isPromise, settle } from "../internal/maybe_promise.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { checkCount } from "./_options.ts";
import { LayeredMisses } from "./layered/misses.ts";
import { type Confirmed, NearRecords } from "./layered/near.ts";
import { type EndCall, Traffic } from "./layered/traffic.ts";
import type {
  MaybePromise,
  RemovalReason,
  SessionGetOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type * from "./session_store.ts";

/** Options of {@linkcode LayeredSessionStore}. */
export interface LayeredSessionStoreOptions {
  /**
   * For how long a record is returned without asking the far store again, in
   * milliseconds; 0 asks it every time.
   *
   * @default {1_000}
   */
  maxStaleness?: number;
  /**
   * For how long it is remembered that the far store has no record, in
   * milliseconds; 0 asks it every time.
   *
   * @default {250}
   */
  missLifetime?: number;
  /**
   * The most records to hold near, at least 1; the near store may hold fewer.
   *
   * @default {20_480}
   */
  maxEntries?: number;
  /**
   * The most ids to remember that have no record, at least 1.
   *
   * @default {4_096}
   */
  maxMisses?: number;
  /**
   * The clock, in milliseconds since the epoch: the one of the near store.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

const NAMES: Readonly<Record<keyof LayeredSessionStoreOptions, true>> = {
  maxStaleness: true,
  missLifetime: true,
  maxEntries: true,
  maxMisses: true,
  now: true,
};

/** Who answered the look-ups of a {@linkcode LayeredSessionStore}. */
export interface LayeredLookups {
  /** Look-ups that the far store was not asked for. */
  readonly near: number;
  /** Look-ups that it was asked for. */
  readonly far: number;
}

/**
 * Keeps records in a near store, usually one in memory, so that a far store is
 * not asked for each of them again. The far store decides: every change goes to
 * it, and a call fails where it does. The near store may fail or lose records,
 * which costs another question; what it held before, it is never asked for.
 *
 * A removal, revocation or replacement through this object holds at once, as
 * {@linkcode SessionStore} promises. Otherwise `get` may be out of date:
 *
 * - a record that was removed, taken, revoked or replaced elsewhere, by another
 *   process say, may still be returned for up to `maxStaleness`;
 * - so may a record that has expired, if it came from the far store, which doesn't
 *   tell when a record expires: one that was stored elsewhere, or was stored here
 *   but not held near any more, for `maxEntries`, `clear` or a near store that
 *   failed. `TlsContext` looks into records and accepts none that has expired;
 * - so a connection may resume a session that was revoked elsewhere, and store
 *   another under its tag: see `tag` of `TlsContext`;
 * - a record that was stored elsewhere may not be found for up to
 *   `missLifetime`, if it was looked for here before.
 *
 * `take` always asks the far store, so that it gives a record to one of all who
 * share that. `take`, `revoke`, `entries` and `purge` are there where the far
 * store has them. Signals go to both stores. Closing them is left to the caller.
 */
export class LayeredSessionStore implements SessionStore {
  /** Looks a session up in the far store and removes it from both. */
  readonly take?: NonNullable<SessionStore["take"]>;
  /** Removes all sessions that were stored with a tag, from both stores. */
  readonly revoke?: NonNullable<SessionStore["revoke"]>;
  /** Lists the sessions of the far store. */
  readonly entries?: NonNullable<SessionStore["entries"]>;
  /** Frees the room of what has expired in the far store. */
  readonly purge?: NonNullable<SessionStore["purge"]>;
  readonly #far: SessionStore;
  readonly #near: NearRecords;
  readonly #misses: LayeredMisses;
  readonly #traffic = new Traffic();
  readonly #maxStaleness: number;
  readonly #now: () => number;
  #nearLookups = 0;
  #farLookups = 0;

  /**
   * Puts a store before another.
   *
   * @param near Where to keep records for a short time. What it holds already
   * is not used.
   * @param far Where the sessions are.
   * @param options Times, limits, and the clock.
   * @throws {TypeError} If an option is of the wrong type.
   * @throws {RangeError} If an option has an impossible value.
   */
  constructor(
    near: SessionStore,
    far: SessionStore,
    options: LayeredSessionStoreOptions = {},
  ) {
    const own = ownOptions(options, NAMES, { of: "LayeredSessionStore" });
    this.#maxStaleness = checkCount(
      "maxStaleness",
      own.maxStaleness ?? 1_000,
      0,
    );
    this.#misses = new LayeredMisses(
      checkCount("missLifetime", own.missLifetime ?? 250, 0),
      checkCount("maxMisses", own.maxMisses ?? 4_096, 1),
    );
    const maxEntries = checkCount(
      "maxEntries",
      own.maxEntries ?? 20_480,
      1,
    );
    this.#near = new NearRecords(near, maxEntries);
    this.#far = far;
    this.#now = own.now ?? (() => Date.now());

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

  /** Who answered the look-ups so far, those of `take` not counted. */
  get lookups(): LayeredLookups {
    return { near: this.#nearLookups, far: this.#farLookups };
  }

  /**
   * Looks a session up: near, or where it isn't there or not fresh enough, far.
   *
   * @param id The session id.
   * @param options When to give up.
   * @returns A copy of the record, or `undefined` where there is none.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws Whatever the far store does.
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
    const goOn = (
      record: Uint8Array | undefined,
    ): MaybePromise<Uint8Array | undefined> => {
      if (record === undefined) return this.#getFar(id, key, options);
      this.#nearLookups++;
      return record;
    };
    const found = this.#near.get(key, now, options);
    return isPromise(found) ? found.then(goOn) : goOn(found);
  }

  /**
   * Stores a session: far, and once it is there, near.
   *
   * @param id The session id.
   * @param record The bytes to keep.
   * @param options When the record expires, its tag, and when to give up.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or the tag is none.
   * @throws Whatever the far store does; then nothing is held near.
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
   * @param reason Why it is removed.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws Whatever the far store does; then nothing is held near.
   */
  delete(id: Uint8Array, reason: RemovalReason): MaybePromise<void> {
    return this.#change(id, reason, () => this.#far.delete(id, reason));
  }

  /** Forgets all that is held near, so that the far store is asked again. */
  clear(): void {
    const end = this.#traffic.changeAll();
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
    // Past its expiry it is another record, whose own is not known.
    const expiresAt = known > since ? known : Infinity;
    const end = this.#traffic.look(key);
    this.#farLookups++;
    const answered = (
      record: Uint8Array | undefined,
    ): Uint8Array | undefined => {
      if (!end()) return record;
      if (record !== undefined) {
        const until = Math.min(expiresAt, since + this.#maxStaleness);
        this.#keep(key, record, { since, until, expiresAt, tag: null });
      } else if (!options?.signal?.aborted) {
        // An aborted look-up may answer so, whatever there is.
        this.#misses.add(key, since);
      }
      return record;
    };
    return settle(() => this.#far.get(id, options), answered, failing(end));
  }

  #change<T>(
    id: Uint8Array,
    reason: RemovalReason,
    call: () => MaybePromise<T>,
    keep: () => void = () => {},
  ): MaybePromise<T> {
    checkId(id);
    const key = keyOf(id);
    const end = this.#traffic.change(key);
    this.#near.forget(key, reason);
    this.#misses.delete(key);
    const answered = (answer: T): T => {
      if (end()) keep();
      return answer;
    };
    return settle(call, answered, failing(end));
  }

  #revoke(
    tag: string,
    call: () => MaybePromise<number>,
  ): MaybePromise<number> {
    checkTag(tag);
    const end = this.#traffic.changeAll();
    this.#near.forgetTagged(tag);
    const answered = (count: number): number => {
      end();
      return count;
    };
    return settle(call, answered, failing(end));
  }

  #keep(key: string, record: Uint8Array, confirmed: Confirmed): void {
    if (confirmed.until <= this.#now()) return;
    this.#near.keep(key, record, confirmed, this.#traffic.look(key));
  }
}

/** One UTF-16 code unit per byte: ids that differ give keys that differ. */
function keyOf(id: Uint8Array): string {
  return String.fromCharCode(...id);
}

function failing(end: EndCall | (() => void)): (error: unknown) => never {
  return (error) => {
    end();
    throw error;
  };
}
