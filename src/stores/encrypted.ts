/**
 * A {@linkcode SessionStore} that encrypts the records of another store. It uses WebCrypto, which
 * all runtimes have.
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

import { toHex } from "../internal/bytes.ts";
import { ownOptions } from "../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { checkedText } from "./_options.ts";
import { KEY_BYTES, LazyKeyRing } from "./encrypted/keys.ts";
import {
  bindingOf,
  digestOfTag,
  hashTag,
  open,
  type Opened,
  seal,
} from "./encrypted/record.ts";
import { printRejections, reportRejection } from "./encrypted/rejections.ts";
import { Revocations } from "./encrypted/revocations.ts";
import type { EncryptedSessionStoreOptions } from "./encrypted/options.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type { EncryptedSessionStoreOptions } from "./encrypted/options.ts";
export type * from "./session_store.ts";

/**
 * Encrypts the records of an inner store with AES-256-GCM, each with its own key. A record is
 * bound to its id, expiry, tag and a context: a changed record, one of another id, or one that the
 * inner store keeps past its expiry is not returned. A look-up that finds a record which can't be
 * decrypted finds nothing, and calls `onRejected`.
 *
 * Ids and expiries are not encrypted, as the inner store needs them. Tags are replaced by an HMAC:
 * the inner store sees which sessions have the same tag, but no names. For that reason
 * {@linkcode entries} doesn't list tags.
 *
 * Revocations hold even if the inner store keeps or restores a revoked record, or loses its tag:
 * records that were encrypted before the revocation are not returned. This depends on the clocks
 * of the servers that share a store, and on this object's own calls of `revoke`: call it on each
 * server, and again after a restart. If the inner store restores a record that was deleted by its
 * id, the record is returned until it expires. Records of releases that did not bind tags are read
 * until the first `revoke`.
 *
 * To replace a key where several servers share a store, do each of these steps on all servers
 * before the next one: add the new key at the end of the list; move it to the front, so that it
 * encrypts; remove the old key when all records that it encrypted have expired. A server that
 * lacks the key of a record finds nothing with `get`, removes the record with `take` and returns
 * nothing, and doesn't find it with `revoke`.
 *
 * `take`, `revoke`, `entries` and `purge` exist if the inner store has them. All calls return
 * promises. Signals are passed to the inner store, which the caller closes.
 */
export class EncryptedSessionStore implements SessionStore {
  /** Looks up a session and removes it, even if its record can't be decrypted. */
  readonly take?: (
    id: Uint8Array,
    options?: SessionGetOptions,
  ) => Promise<Uint8Array | undefined>;
  /** Removes all sessions that were stored with a tag, by the HMAC of each key. */
  readonly revoke?: (options: SessionRevokeOptions) => Promise<number>;
  /** Lists the sessions of the inner store, without tags. */
  readonly entries?: () => AsyncIterable<SessionEntry>;
  /** Removes expired records from the inner store. */
  readonly purge?: () => Promise<number>;
  readonly #inner: SessionStore;
  readonly #context: Uint8Array;
  readonly #onRejected: (reason: Error) => unknown;
  readonly #now: () => number;
  readonly #revocations = new Revocations();
  #keys: LazyKeyRing;

  /**
   * Creates a store over an inner store.
   *
   * @param inner The store for the encrypted records.
   * @param keys Secret keys of 32 random bytes: the first encrypts, all decrypt. They are copied.
   * @param options The context, the listener and the clock.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If there is no key, a key is not 32 bytes, or the context is not
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
    this.#inner = inner;
    this.#keys = new LazyKeyRing(keys);
    const context = checkedText(own.context ?? "", "context");
    this.#context = new TextEncoder().encode(context);
    this.#onRejected = own.onRejected ?? printRejections();
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
          const hashed = await hashTag(key, this.#context, tag);
          count += await revoke({ tag: hashed });
        }
        return count;
      };
    }
    const entries = inner.entries?.bind(inner);
    if (entries !== undefined) this.entries = () => withoutTags(entries());
    const purge = inner.purge?.bind(inner);
    if (purge !== undefined) this.purge = async () => await purge();
  }

  /** Makes a key: 32 random bytes. Keep it secret, and give it to all servers. */
  static generateKey(): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  }

  /**
   * Replaces the keys. Pending calls use the old or the new ones. Records of a removed key can't
   * be read or revoked: see {@linkcode EncryptedSessionStore} for how to lose none.
   *
   * @param keys Keys of 32 bytes: the first encrypts, all decrypt.
   * @throws {TypeError} If a key is not a `Uint8Array`.
   * @throws {RangeError} If there is no key, or a key is not 32 bytes.
   */
  rotate(keys: readonly Uint8Array[]): void {
    this.#keys = new LazyKeyRing(keys);
  }

  /**
   * Looks up a session and decrypts its record.
   *
   * @param id The session id.
   * @param options The signal.
   * @returns The record, or `undefined` if there is none, it has expired, was revoked, or can't be
   * decrypted.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws The error of the inner store.
   */
  async get(
    id: Uint8Array,
    options?: SessionGetOptions,
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    return await this.#open(id, await this.#inner.get(id, options));
  }

  /**
   * Encrypts a record and stores it.
   *
   * @param id The session id.
   * @param record The bytes to store.
   * @param options The expiry, the tag and the signal.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or the tag is empty or longer than
   * 256 bytes.
   * @throws The error of the inner store.
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
    const [sealed, hashed] = await Promise.all([
      seal(first, binding, { record, expiresAt, sealedAt, tag: digest }),
      // Without `revoke`, the inner store has no use for the tag.
      tag !== undefined && this.revoke !== undefined
        ? hashTag(first, this.#context, tag)
        : undefined,
    ]);
    await this.#inner.set(id, sealed, {
      ...others,
      expiresAt: new Date(expiresAt),
      ...(hashed === undefined ? {} : { tag: hashed }),
    });
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param reason The reason.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws The error of the inner store.
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
      reportRejection(this.#onRejected, error);
    }
    return undefined;
  }

  #isRevoked(opened: Opened): boolean {
    if (opened.sealedAt === undefined) return !this.#revocations.isEmpty;
    const { tag, sealedAt } = opened;
    return tag !== undefined && this.#revocations.covers(toHex(tag), sealedAt);
  }
}

async function* withoutTags(
  entries: AsyncIterable<SessionEntry>,
): AsyncGenerator<SessionEntry, void, void> {
  for await (const { id, expiresAt, size } of entries) {
    yield { id, expiresAt, size };
  }
}
