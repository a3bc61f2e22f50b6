/**
 * The contract of a store of TLS sessions. Stores don't depend on OpenSSL: to them, a session is an
 * id, opaque bytes (the record), and the time from which the bytes must not be returned.
 *
 * @module
 */

import type { MaybePromise } from "../internal/maybe_promise.ts";

/**
 * Why a session is removed:
 *
 * - `"expired"`: its lifetime is over;
 * - `"evicted"`: a cache in front of the store ran out of room;
 * - `"fatal"`: a connection that used it ended in a fatal alert;
 * - `"unclean"`: a connection that used it ended without a close_notify;
 * - `"consumed"`: it was single-use, and has been used;
 * - `"context-closed"`: the context that held it was closed;
 * - `"revoked"`: the application asked for it;
 * - `"damaged"`: its record is not the one that was stored.
 *
 * A store removes the record for every reason, which it may log or count.
 */
export type RemovalReason =
  | "expired"
  | "evicted"
  | "fatal"
  | "unclean"
  | "consumed"
  | "context-closed"
  | "revoked"
  | "damaged";

export type { MaybePromise };

/** Options of {@linkcode SessionStore.get} and {@linkcode SessionStore.take}. */
export interface SessionGetOptions {
  /** Aborted when the caller no longer waits for the result. */
  signal?: AbortSignal;
}

/** Options of {@linkcode SessionStore.set}. */
export interface SessionSetOptions {
  /**
   * The first instant, in milliseconds, at which the record must not be returned.
   */
  expiresAt: Date;
  /**
   * A name that several sessions can have, 1 to 256 bytes of UTF-8, for
   * {@linkcode SessionStore.revoke}. A store without `revoke` ignores it.
   */
  tag?: string;
  /** Aborted when the caller no longer waits for the call. */
  signal?: AbortSignal;
}

/** Which sessions {@linkcode SessionStore.revoke} removes. */
export interface SessionRevokeOptions {
  /** The tag of the sessions. */
  tag: string;
}

/** A session in a list, without its record. */
export interface SessionEntry {
  /** The session id. */
  readonly id: Uint8Array;
  /** The first instant at which the record is no longer returned. */
  readonly expiresAt: Date;
  /** The tag, unless the store doesn't list tags. */
  readonly tag?: string;
  /** The length of the stored record in bytes. */
  readonly size: number;
}

/**
 * A store of TLS sessions, which all servers share that may resume them.
 *
 * Each method returns its result or a promise of it. A call has settled when it has returned, or
 * when the promise that it returned is fulfilled. A store guarantees:
 *
 * - **It may lose records.** A lost record costs one full handshake, so a store may have limits.
 * - **It never restores a record.** Once `delete` or `take` has settled, no later call returns that
 *   record; once `set` has settled, no later call returns an earlier record of the id. This holds
 *   for all servers that share the store, and `take` returns a record to at most one of them.
 * - **It never returns an expired record**: no call that is made at or after `expiresAt` does. An
 *   `expiresAt` that is not a valid date is rejected.
 * - **It copies bytes.** Once a call has settled, the store and the caller share no array. Until
 *   then the caller doesn't change the arrays that it has passed.
 * - **It revokes all records of a tag.** Once `revoke` has settled, no later call returns a record
 *   with that tag whose `set` had settled before the call of `revoke`.
 *
 * Calls that are pending at the same time take effect in any order, each atomically. A call that
 * throws or rejects has failed: it may have taken effect, or may still do so. A failed look-up
 * counts as a missing record.
 *
 * An aborted signal means that the caller no longer waits. The store may then fail the call, return
 * `undefined` from a look-up, or continue; but the call settles or fails, and `get` changes
 * nothing. A signal that is aborted later has no effect.
 *
 * Records hold master secrets: a store keeps them where only the server can read them, and wipes
 * removed records if it can.
 *
 * `checkSessionStore` of `@sesame/tls/testing` tests a store for all of this.
 *
 * @example A custom store
 * ```ts
 * import type {
 *   RemovalReason,
 *   SessionSetOptions,
 *   SessionStore,
 * } from "@sesame/tls/stores/memory";
 * import { assertEquals } from "@std/assert";
 *
 * class TinyStore implements SessionStore {
 *   #records = new Map<string, { record: Uint8Array; expiresAt: number }>();
 *
 *   get(id: Uint8Array): Uint8Array | undefined {
 *     const found = this.#records.get(id.join());
 *     if (!found || Date.now() >= found.expiresAt) return undefined;
 *     return new Uint8Array(found.record);
 *   }
 *
 *   set(id: Uint8Array, record: Uint8Array, options: SessionSetOptions): void {
 *     const expiresAt = options.expiresAt.getTime();
 *     if (Number.isNaN(expiresAt)) throw new RangeError("Invalid expiresAt");
 *     this.#records.set(id.join(), {
 *       record: new Uint8Array(record),
 *       expiresAt,
 *     });
 *   }
 *
 *   delete(id: Uint8Array, _reason: RemovalReason): void {
 *     this.#records.delete(id.join());
 *   }
 * }
 *
 * const store = new TinyStore();
 * const id = crypto.getRandomValues(new Uint8Array(32));
 * const expiresAt = new Date(Date.now() + 7_200_000);
 * store.set(id, new Uint8Array([1, 2, 3]), { expiresAt });
 * assertEquals(store.get(id), new Uint8Array([1, 2, 3]));
 * ```
 */
export interface SessionStore {
  /**
   * Looks up a session.
   *
   * @param id The session id: opaque bytes, in TLS 1 to 32.
   * @param options The signal.
   * @returns A copy of the record, or `undefined` if there is none or it has expired.
   */
  get(
    id: Uint8Array,
    options?: SessionGetOptions,
  ): MaybePromise<Uint8Array | undefined>;

  /**
   * Stores a record, in place of any other with this id.
   *
   * @param id The session id.
   * @param record The bytes to store, with a master secret.
   * @param options The expiry, the tag and the signal. A record that has already expired is not
   * stored, but still replaces an earlier one.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date or, in a store with
   * `revoke`, the tag is empty or longer than 256 bytes.
   */
  set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): MaybePromise<void>;

  /**
   * Removes a session. Does nothing if there is none.
   *
   * @param id The session id.
   * @param reason The reason.
   */
  delete(id: Uint8Array, reason: RemovalReason): MaybePromise<void>;

  /**
   * Looks up a session and removes it atomically, for sessions that must be used only once: of
   * several servers that do so at the same time, one gets the record. A store that can't do so
   * omits this method. If the call fails or is aborted, the record may be lost.
   *
   * @param id The session id.
   * @param options The signal.
   * @returns The record, or `undefined` if there is none or it has expired.
   */
  take?(
    id: Uint8Array,
    options?: SessionGetOptions,
  ): MaybePromise<Uint8Array | undefined>;

  /**
   * Removes all sessions that were stored with a tag, if their `set` had settled before the call. A
   * store that can't find them omits this method.
   *
   * @param options The tag.
   * @returns The number of removed sessions, as far as the store knows it.
   * @throws {TypeError} If the tag is not a string.
   * @throws {RangeError} If the tag is empty or longer than 256 bytes.
   */
  revoke?(options: SessionRevokeOptions): MaybePromise<number>;

  /**
   * Lists the sessions that have not expired, in any order. Sessions that are stored or removed
   * meanwhile may be listed or not.
   */
  entries?(): AsyncIterable<SessionEntry>;

  /**
   * Removes expired records to free their space. A store without this method does so by itself.
   *
   * @returns The number of removed records.
   */
  purge?(): MaybePromise<number>;
}
