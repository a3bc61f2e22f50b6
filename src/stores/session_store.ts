/**
 * What a store of TLS sessions promises. Stores know nothing of OpenSSL: to
 * them a session is an id, some opaque bytes, and the time from which the bytes
 * must not be seen again.
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
 * - `"damaged"`: its record isn't what was written.
 *
 * A store removes the record whichever it is; the reason is there to be logged
 * and counted.
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
  /** Aborted when no one waits for the answer any more. */
  signal?: AbortSignal;
}

/** Options of {@linkcode SessionStore.set}. */
export interface SessionSetOptions {
  /**
   * The first instant, to the millisecond, at which the record must no longer
   * be returned.
   */
  expiresAt: Date;
  /**
   * A name that sessions have in common, 1 to 256 bytes of UTF-8, for
   * {@linkcode SessionStore.revoke}. A store without `revoke` ignores it.
   */
  tag?: string;
  /** Aborted when no one waits for the call to settle any more. */
  signal?: AbortSignal;
}

/** Which sessions {@linkcode SessionStore.revoke} removes. */
export interface SessionRevokeOptions {
  /** The tag that they were stored with. */
  tag: string;
}

/** What a store tells of a session to those who look after it. */
export interface SessionEntry {
  /** The session id. */
  readonly id: Uint8Array;
  /** The first instant at which the record is no longer returned. */
  readonly expiresAt: Date;
  /** The tag that it was stored with, unless the store keeps it to itself. */
  readonly tag?: string;
  /** The record's length in bytes, as the store holds it. */
  readonly size: number;
}

/**
 * A place where TLS sessions are kept, shared by the servers that may resume
 * them.
 *
 * Every call answers at once or with a promise, as the store likes; it has
 * settled when it has returned or, if it returned a promise, when that has been
 * fulfilled. What a store promises:
 *
 * - **It may lose records.** A lost record costs one full handshake, so a store
 *   may be bounded or forgetful.
 * - **It never brings one back.** Once `delete` or `take` has settled, no later
 *   call returns that record; once `set` has settled, no later call returns
 *   what the id held before. This holds for all who share the store, and `take`
 *   gives a record to at most one of them.
 * - **It never returns an expired record**: no call made at or after its
 *   `expiresAt` does, whatever the backend does about expiry. An `expiresAt`
 *   that is no date is refused.
 * - **It copies bytes, in and out.** Once a call has settled, neither side ever
 *   sees the other change an array. Until then the caller leaves the arrays that
 *   it handed in as they are.
 * - **It revokes what it has.** Once `revoke` has settled, no later call returns
 *   a record whose `set` had settled with that tag before.
 *
 * Calls that are pending at the same time take effect in any order, each as a
 * whole. A call that throws or rejects has failed: it may have taken effect, or
 * may yet. Whoever uses the store takes a look-up that failed for a miss.
 *
 * An aborted signal says that no one waits for the answer any more. The store
 * may then fail the call, answer a look-up with `undefined`, or go on as if
 * nothing had happened; but the call settles or fails, and `get` still changes
 * nothing. A signal aborted after that has no effect.
 *
 * Records hold master secrets: a store keeps them where only the server can
 * read them, and wipes what it removes if it can.
 *
 * `checkSessionStore` of `@sesame/tls/testing` tests any store for all of this.
 *
 * @example A store of one's own
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
   * Looks a session up.
   *
   * @param id The session id: opaque bytes, in TLS 1 to 32 of them.
   * @param options When to give up.
   * @returns A copy of the record, or `undefined` where there is none or it has
   * expired.
   */
  get(
    id: Uint8Array,
    options?: SessionGetOptions,
  ): MaybePromise<Uint8Array | undefined>;

  /**
   * Stores a session, in place of any other under this id.
   *
   * @param id The session id.
   * @param record The bytes to keep. They hold a master secret.
   * @param options When the record expires, and when to give up. One that has
   * expired already is not kept, but still ends the life of the one before it.
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
   * Removes a session. Does nothing where there is none.
   *
   * @param id The session id.
   * @param reason Why it is removed.
   */
  delete(id: Uint8Array, reason: RemovalReason): MaybePromise<void>;

  /**
   * Looks a session up and removes it in one step, for sessions that must be
   * used only once: of all who ask at the same time, one gets it. A store that
   * can't do it in one step leaves this method out. Where a call fails or is
   * aborted, the record may be lost.
   *
   * @param id The session id.
   * @param options When to give up.
   * @returns The record, or `undefined` where there is none or it has expired.
   */
  take?(
    id: Uint8Array,
    options?: SessionGetOptions,
  ): MaybePromise<Uint8Array | undefined>;

  /**
   * Removes all sessions that were stored with a tag: those whose `set` had
   * settled when this was called. A store that can't find them leaves this
   * method out.
   *
   * @param options The tag.
   * @returns How many sessions were removed, as far as the store can tell.
   * @throws {TypeError} If the tag is no string.
   * @throws {RangeError} If the tag is empty, or longer than 256 bytes.
   */
  revoke?(options: SessionRevokeOptions): MaybePromise<number>;

  /**
   * Lists the sessions that have not expired, in any order. What is stored or
   * removed meanwhile may be in the list or not.
   */
  entries?(): AsyncIterable<SessionEntry>;

  /**
   * Frees the room of all that has expired. A store that never has any to free
   * leaves this method out.
   *
   * @returns How many records it removed.
   */
  purge?(): MaybePromise<number>;
}
