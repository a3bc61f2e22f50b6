import { ownOptions } from "../../internal/own_options.ts";
import {
  checkSetArguments,
  checkTag,
} from "../../internal/session_arguments.ts";
import { checkCount } from "../_options.ts";
import type { CloudflareKvKey, CloudflareKvNamespace } from "./bindings.ts";
import { entryFrom, KvKeys, metadataOf } from "./kv_keys.ts";
import { attempt } from "./shared.ts";
import { decodeEnvelope, encodeEnvelope } from "../_envelope.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "../session_store.ts";

/** What KV has for the time to live, in seconds. */
const MIN_TTL = 60;
/** A year, as KV doesn't say how long is too long. */
const MAX_TTL = 365 * 24 * 3600;
const MIN_CACHE_TTL = 30;

/** Keys listed at once: also how many are deleted at the same time. */
const PAGE_SIZE = 100;

/** Options of {@linkcode CloudflareKvSessionStore}. */
export interface CloudflareKvSessionStoreOptions {
  /**
   * What the keys begin with, at most 256 bytes of UTF-8.
   *
   * @default {"sesame/"}
   */
  prefix?: string;
  /**
   * How long KV may answer from a location's cache, in seconds, at least 30.
   * For so long a location may not see what others did.
   *
   * @default {60} KV's own.
   */
  cacheTtl?: number;
  /**
   * The clock, in milliseconds since the epoch.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

/**
 * Keeps sessions in Workers KV, which is near to every location and **keeps
 * less than the contract**. It is eventually consistent: what one location
 * stores or removes, another may not see for a minute, or `cacheTtl` if that is
 * longer; that a session isn't there is remembered as long. So a session that
 * was removed or revoked may still be resumed elsewhere meanwhile.
 *
 * Use it where resuming is only there to save time. It has no `take`: single-use
 * sessions and early data need `DurableObjectSessionStore`, and so does whoever
 * relies on `delete` or `revoke` at once.
 *
 * KV takes one write a second for each key, and fails the others. A `set` is a
 * write, with a tag two. Records hold master secrets.
 */
export class CloudflareKvSessionStore implements SessionStore {
  readonly #namespace: CloudflareKvNamespace;
  readonly #keys: KvKeys;
  readonly #getOptions: { type: "arrayBuffer"; cacheTtl?: number };
  readonly #now: () => number;

  /**
   * Makes a store of a binding. Asks nothing yet, so a worker can make one for
   * each request.
   *
   * @param namespace The binding.
   * @param options Keys, caching, and the clock.
   * @throws {TypeError} If an option is of the wrong type.
   * @throws {RangeError} If `prefix` is longer than 256 bytes, or `cacheTtl`
   * less than 30.
   */
  constructor(
    namespace: CloudflareKvNamespace,
    options: CloudflareKvSessionStoreOptions = {},
  ) {
    const { prefix = "sesame/", cacheTtl, now = () => Date.now() } = ownOptions(
      options,
      { prefix: true, cacheTtl: true, now: true },
      { of: "CloudflareKvSessionStore" },
    );
    this.#namespace = namespace;
    this.#keys = new KvKeys(prefix);
    this.#getOptions = {
      type: "arrayBuffer",
      ...(cacheTtl !== undefined &&
        { cacheTtl: checkCount("cacheTtl", cacheTtl, MIN_CACHE_TTL) }),
    };
    this.#now = now;
  }

  /**
   * Looks a session up.
   *
   * @param id The session id.
   * @param options When to give up: before KV is asked, or after it failed.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {RangeError} If `id` is too long for a key of 512 bytes.
   * @throws {Error} If KV fails.
   */
  async get(
    id: Uint8Array,
    { signal }: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    const key = this.#keys.ofSession(id);
    const value = await attempt(
      "look the session up",
      signal,
      () => this.#namespace.get(key, this.#getOptions),
    );
    if (value === null) return undefined;
    const bytes = new Uint8Array(value);
    const envelope = decodeEnvelope(bytes);
    const record = envelope !== undefined && envelope.expiresAt > this.#now()
      ? new Uint8Array(envelope.record)
      : undefined;
    bytes.fill(0);
    return record;
  }

  /**
   * Stores a session, in place of any other under this id.
   *
   * @param id The session id.
   * @param record The bytes to keep.
   * @param options When the record expires, its tag, and when to give up, which
   * is before KV is asked or after it failed. KV drops what would live for more
   * than a year after one.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or `id` is too long
   * for a key of 512 bytes.
   * @throws {Error} If KV fails, such as at the second write to a key within a
   * second.
   */
  async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    const own = ownOptions(options);
    const expiresAt = checkSetArguments(id, record, own);
    const { tag, signal } = own;
    const key = this.#keys.ofSession(id);
    const lifetime = expiresAt - this.#now();
    const envelope = encodeEnvelope({ id, expiresAt, tag, record });
    const expirationTtl = Math.min(
      Math.max(Math.ceil(lifetime / 1000), MIN_TTL),
      MAX_TTL,
    );
    const metadata = metadataOf(expiresAt, record.length, tag);
    await attempt("store the session", signal, async () => {
      if (lifetime <= 0) return await this.#namespace.delete(key);
      const put = { expirationTtl, metadata };
      // First, so that no session is there that its tag doesn't lead to.
      if (tag !== undefined) {
        const tagKey = await this.#keys.ofTag(tag, id);
        await this.#namespace.put(tagKey, new Uint8Array(), put);
      }
      await this.#namespace.put(key, envelope, put);
    });
    envelope.fill(0);
  }

  /**
   * Removes a session. Other locations may see it for a while yet.
   *
   * @param id The session id.
   * @param _reason Why; it makes no difference here.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {RangeError} If `id` is too long for a key of 512 bytes.
   * @throws {Error} If KV fails.
   */
  async delete(id: Uint8Array, _reason: RemovalReason): Promise<void> {
    const key = this.#keys.ofSession(id);
    await attempt(
      "remove the session",
      undefined,
      () => this.#namespace.delete(key),
    );
  }

  /**
   * Removes the sessions with a tag that this location knows of. One that was
   * stored again under its id with another tag goes with either.
   *
   * @param options The tag.
   * @returns How many sessions were stored with it and have not expired, those
   * among them that were removed since.
   * @throws {TypeError} If the tag is no string.
   * @throws {RangeError} If the tag is empty, or longer than 256 bytes.
   * @throws {Error} If KV fails, such as at a worker's limit of operations
   * within one request; call it again for the rest.
   */
  async revoke({ tag }: SessionRevokeOptions): Promise<number> {
    checkTag(tag);
    const what = "revoke the sessions";
    const prefix = await this.#keys.prefixOfTag(tag);
    let count = 0;
    for await (const keys of this.#pages(what, prefix)) {
      count += keys.filter((key) => this.#entry(key, prefix)).length;
      const removals = keys.map(async ({ name }) => {
        const id = name.slice(prefix.length);
        await this.#namespace.delete(this.#keys.sessions + id);
        // Last: where the other failed, the next call finds this one.
        await this.#namespace.delete(name);
      });
      await attempt(what, undefined, () => Promise.all(removals));
    }
    return count;
  }

  /**
   * Lists the sessions that have not expired, as far as this location knows of
   * them.
   *
   * @throws {Error} If KV fails.
   */
  async *entries(): AsyncGenerator<SessionEntry, void, undefined> {
    const prefix = this.#keys.sessions;
    for await (const keys of this.#pages("list the sessions", prefix)) {
      for (const key of keys) {
        const entry = this.#entry(key, prefix);
        if (entry !== undefined) yield entry;
      }
    }
  }

  async *#pages(
    what: string,
    prefix: string,
  ): AsyncGenerator<readonly CloudflareKvKey[], void, undefined> {
    let from: { cursor?: string } = {};
    for (;;) {
      const options = { prefix, limit: PAGE_SIZE, ...from };
      const { keys, list_complete, cursor } = await attempt(
        what,
        undefined,
        () => this.#namespace.list(options),
      );
      yield keys;
      if (list_complete || cursor === undefined || cursor === from.cursor) {
        return;
      }
      from = { cursor };
    }
  }

  /** What a key says of its session, unless that has expired. */
  #entry(
    { name, metadata }: CloudflareKvKey,
    prefix: string,
  ): SessionEntry | undefined {
    const entry = entryFrom(name.slice(prefix.length), metadata);
    return entry !== undefined && entry.expiresAt.getTime() > this.#now()
      ? entry
      : undefined;
  }
}
