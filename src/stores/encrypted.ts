/**
 * A {@linkcode SessionStore} that encrypts what another store keeps. On
 * WebCrypto: all runtimes.
 *
 * @example
 * ```ts
 * import { EncryptedSessionStore } from "@sesame/tls/stores/encrypted";
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { assertEquals, assertNotEquals } from "@std/assert";
 *
 * const inner = new MemorySessionStore();
 * const key = EncryptedSessionStore.generateKey();
 * const store = new EncryptedSessionStore(inner, [key]);
 * const id = crypto.getRandomValues(new Uint8Array(32));
 * const expiresAt = new Date(Date.now() + 7_200_000);
 * await store.set(id, new Uint8Array([1, 2, 3]), { expiresAt });
 *
 * assertEquals(await store.get(id), new Uint8Array([1, 2, 3]));
 * assertNotEquals(inner.get(id), new Uint8Array([1, 2, 3]));
 *
 * // The new key encrypts from now on; the old one still decrypts.
 * store.rotate([EncryptedSessionStore.generateKey(), key]);
 * assertEquals(await store.get(id), new Uint8Array([1, 2, 3]));
 * ```
 *
 * @module
 */

import { ownOptions } from "../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { toHex } from "../internal/bytes.ts";
import { KEY_BYTES, LazyKeyRing } from "./encrypted/keys.ts";
import {
  bindingOf,
  digestOfTag,
  hideTag,
  open,
  type Opened,
  seal,
  UnknownKeyError,
} from "./encrypted/record.ts";
import { Revocations } from "./encrypted/revocations.ts";
import { failure } from "./_failures.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type * from "./session_store.ts";

/** Options of {@linkcode EncryptedSessionStore}. */
export interface EncryptedSessionStoreOptions {
  /**
   * A name that records are bound to, of an application or environment, say: a
   * record that was stored under another is rejected, though the keys are the
   * same. It must be well-formed text: no two are the same bytes.
   *
   * @default {""}
   */
  context?: string;
  /**
   * Told of each record that was found and could not be decrypted, with an
   * error that says why, and has no secrets. By default `console.error`, but
   * only once for each key that is unknown: one that was dropped too early
   * would make a line per look-up.
   */
  onRejected?: (reason: Error) => void;
  /**
   * The clock, in milliseconds since the epoch.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

/**
 * Encrypts records with AES-256-GCM, each with a key of its own, so that the
 * store within never sees one. A record is bound to its id, its expiry, its tag
 * and a context: one that was changed, moved to another id, or kept for longer is
 * not returned. What can't be decrypted is a miss, and is reported.
 *
 * Ids and expiries stay readable, as the store within needs them. Tags are
 * replaced by an HMAC, so that it learns no names but still sees which sessions
 * belong together; {@linkcode entries} can't tell tags for that reason. What was
 * revoked here stays so, though the store within keeps it, brings it back, or has
 * lost its tag: records that were encrypted before are misses. That goes by the
 * clocks of the servers that share a store, and for what this object has been
 * told: other servers have to be told too, and again when they start anew. A store
 * within that brings back a record that was deleted by its id is believed, until the
 * record expires. Records of before Sesame bound tags are read until the first
 * `revoke`, and are misses then.
 *
 * To replace a key where several servers share the store takes three steps, each
 * one on all servers before the next: add the new key at the end of the list;
 * move it to the front, so that it encrypts; leave the old one out once all that
 * it encrypted has expired. A server that lacks a key which another one encrypts
 * with can't do its part: its `get` misses such records, its `take` removes them
 * and returns nothing, and its `revoke` doesn't find them.
 *
 * `take`, `revoke`, `entries` and `purge` are there where the store within has
 * them. All calls answer with promises. Signals go to the store within; closing
 * it is left to the caller.
 */
export class EncryptedSessionStore implements SessionStore {
  /** Looks a session up and removes it; one that can't be decrypted, too. */
  readonly take?: (
    id: Uint8Array,
    options?: SessionGetOptions,
  ) => Promise<Uint8Array | undefined>;
  /** Removes all sessions that were stored with a tag under any of the keys. */
  readonly revoke?: (options: SessionRevokeOptions) => Promise<number>;
  /** Lists the sessions as the store within does, without tags. */
  readonly entries?: () => AsyncIterable<SessionEntry>;
  /** Frees the room of what has expired in the store within. */
  readonly purge?: () => Promise<number>;
  readonly #inner: SessionStore;
  readonly #context: Uint8Array;
  readonly #onRejected: (reason: Error) => unknown;
  readonly #now: () => number;
  readonly #revocations = new Revocations();
  #keys: LazyKeyRing;

  /**
   * Encrypts what goes into a store.
   *
   * @param inner The store within.
   * @param keys Secret keys of 32 random bytes: the first one encrypts, all
   * decrypt. They are copied.
   * @param options The context, where to report, and the clock.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If there is no key, or one is not 32 bytes, or the context isn't
   * well-formed.
   */
  constructor(
    inner: SessionStore,
    keys: readonly Uint8Array[],
    options: EncryptedSessionStoreOptions = {},
  ) {
    const own = ownOptions(options, {
      context: true,
      onRejected: true,
      now: true,
    }, { of: "EncryptedSessionStore" });
    const { context = "" } = own;
    if (typeof context !== "string") {
      throw new TypeError(
        `Cannot create the session store: context must be a string, received ${typeof context}`,
      );
    }
    if (!context.isWellFormed()) {
      throw new RangeError(
        "Cannot create the session store: context must be well-formed text",
      );
    }
    this.#inner = inner;
    this.#keys = new LazyKeyRing(keys);
    this.#context = new TextEncoder().encode(context);
    this.#onRejected = own.onRejected ?? reportToConsole();
    this.#now = own.now ?? (() => Date.now());

    const take = inner.take?.bind(inner);
    if (take !== undefined) {
      this.take = async (id, options) => {
        checkId(id);
        return await this.#open(id, await take(id, options));
      };
    }
    const revoke = inner.revoke?.bind(inner);
    if (revoke !== undefined) {
      this.revoke = async ({ tag }) => {
        checkTag(tag);
        const at = this.#now();
        const digest = await digestOfTag(this.#context, tag);
        this.#revocations.add(toHex(digest), at);
        let count = 0;
        for (const key of (await this.#keys.get()).byId.values()) {
          const hidden = await hideTag(key, this.#context, tag);
          count += await revoke({ tag: hidden });
        }
        return count;
      };
    }
    const entries = inner.entries?.bind(inner);
    if (entries !== undefined) this.entries = () => withoutTags(entries());
    const purge = inner.purge?.bind(inner);
    if (purge !== undefined) this.purge = async () => await purge();
  }

  /** Makes a key: 32 random bytes. Keep it secret, and where all servers find it. */
  static generateKey(): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  }

  /**
   * Replaces the keys. Calls that are pending use the old ones or the new
   * ones. Records of a key that is left out can't be read or revoked any more:
   * see {@linkcode EncryptedSessionStore} for the steps that lose none.
   *
   * @param keys Keys of 32 bytes: the first one encrypts, all decrypt.
   * @throws {TypeError} If a key is not a `Uint8Array`.
   * @throws {RangeError} If there is no key, or one is not 32 bytes.
   */
  rotate(keys: readonly Uint8Array[]): void {
    this.#keys = new LazyKeyRing(keys);
  }

  /**
   * Looks a session up and decrypts it.
   *
   * @param id The session id.
   * @param options When to give up.
   * @returns The record, or `undefined` where there is none, it has expired or
   * can't be decrypted.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws Whatever the store within does.
   */
  async get(
    id: Uint8Array,
    options?: SessionGetOptions,
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    return await this.#open(id, await this.#inner.get(id, options));
  }

  /**
   * Encrypts a session and stores it.
   *
   * @param id The session id.
   * @param record The bytes to keep.
   * @param options When the record expires, its tag, and when to give up.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or the tag is none.
   * @throws Whatever the store within does.
   */
  async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    const own = ownOptions(options);
    const expiresAt = checkSetArguments(id, record, own);
    const { tag, ...others } = own;
    const { first } = await this.#keys.get();
    const binding = bindingOf(this.#context, id);
    const now = this.#now();
    const digest = tag === undefined
      ? undefined
      : await digestOfTag(this.#context, tag);
    const sealedAt = digest === undefined
      ? now
      : this.#revocations.timeFor(toHex(digest), now);
    const [sealed, hidden] = await Promise.all([
      seal(first, binding, { record, expiresAt, sealedAt, tag: digest }),
      // Without `revoke` no one asks for it.
      tag !== undefined && this.revoke !== undefined
        ? hideTag(first, this.#context, tag)
        : undefined,
    ]);
    await this.#inner.set(id, sealed, {
      ...others,
      expiresAt: new Date(expiresAt),
      ...(hidden === undefined ? {} : { tag: hidden }),
    });
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param reason Why it is removed.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws Whatever the store within does.
   */
  async delete(id: Uint8Array, reason: RemovalReason): Promise<void> {
    checkId(id);
    await this.#inner.delete(id, reason);
  }

  async #open(
    id: Uint8Array,
    stored: Uint8Array | undefined,
  ): Promise<Uint8Array | undefined> {
    if (stored === undefined) return undefined;
    const keys = await this.#keys.get();
    try {
      const binding = bindingOf(this.#context, id);
      const opened = await open(keys, binding, stored);
      const { record, expiresAt } = opened;
      if (this.#now() < expiresAt && !this.#isRevoked(opened)) return record;
      record.fill(0);
    } catch (error) {
      this.#report(error);
    }
    return undefined;
  }

  #isRevoked(opened: Opened): boolean {
    if (opened.sealedAt === undefined) return !this.#revocations.isEmpty;
    const { tag, sealedAt } = opened;
    return tag !== undefined && this.#revocations.covers(toHex(tag), sealedAt);
  }

  #report(error: unknown): void {
    try {
      const told = this.#onRejected(failure("decrypt a session", error));
      Promise.resolve(told).catch(() => {});
    } catch {
      // Its own matter: the look-up is a miss all the same.
    }
  }
}

/** How many unknown keys to remember: enough, unless someone makes them up. */
const MAX_UNKNOWN_KEYS = 64;

/** Prints what is rejected, but only once of each unknown key. */
function reportToConsole(): (reason: Error) => void {
  const unknown = new Set<string>();
  return (reason) => {
    if (reason.cause instanceof UnknownKeyError) {
      const { keyId } = reason.cause;
      if (unknown.has(keyId)) return;
      unknown.add(keyId);
      const [oldest] = unknown;
      if (unknown.size > MAX_UNKNOWN_KEYS && oldest) unknown.delete(oldest);
    }
    console.error(reason.message);
  };
}

async function* withoutTags(
  entries: AsyncIterable<SessionEntry>,
): AsyncGenerator<SessionEntry, void, void> {
  for await (const { id, expiresAt, size } of entries) {
    yield { id, expiresAt, size };
  }
}
