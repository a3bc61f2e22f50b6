import { checkedInteger } from "../../internal/option_checks.ts";
import { ownOptions } from "../../internal/own_options.ts";
import {
  checkSetArguments,
  checkTag,
} from "../../internal/session_arguments.ts";
import type { CloudflareKvKey, CloudflareKvNamespace } from "./bindings.ts";
import { entryFrom, KvKeys, metadataOf } from "./kv_keys.ts";
import { decodeEnvelope, encodeEnvelope, takeRecord } from "../_envelope.ts";
import { attempt } from "../_failures.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "../session_store.ts";

/** The shortest time to live in KV, in seconds. */
const MIN_TTL = 60;
/** A year: KV doesn't document a limit. */
const MAX_TTL = 365 * 24 * 3600;
const MIN_CACHE_TTL = 30;

/** How many keys are listed at once, and deleted at the same time. */
const PAGE_SIZE = 100;

/** Options of {@linkcode CloudflareKvSessionStore}. */
export interface CloudflareKvSessionStoreOptions {
  /**
   * The beginning of all keys, at most 256 bytes of UTF-8.
   *
   * @default {"sesame/"}
   */
  prefix?: string;
  /**
   * How long a location may cache a value, in seconds, at least 30. A location may not see changes
   * by others for this time.
   *
   * @default {60} The default of KV.
   */
  cacheTtl?: number;
  /**
   * Returns the current time in milliseconds since the epoch.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

/**
 * A store in Workers KV, which is fast in every location but **doesn't fulfil the whole contract**
 * of {@linkcode SessionStore}: it is eventually consistent. For a minute, or for `cacheTtl` if that
 * is longer, a location may not see what another one has stored or removed. So a removed or revoked
 * session may be resumed elsewhere meanwhile.
 *
 * Use it if resumption only saves time. It has no `take`: use `DurableObjectSessionStore` for
 * single-use sessions, for early data, and if `delete` and `revoke` must take effect at once.
 *
 * KV allows one write per second and key, and rejects more. A `set` is one write, or two with a tag.
 * Records hold master secrets.
 */
export class CloudflareKvSessionStore implements SessionStore {
  readonly #namespace: CloudflareKvNamespace;
  readonly #keys: KvKeys;
  readonly #getOptions: { type: "arrayBuffer"; cacheTtl?: number };
  readonly #now: () => number;

  /**
   * Creates a store. It makes no call yet, so a worker can create one for each request.
   *
   * @param namespace The binding.
   * @param options The prefix of the keys, caching and the clock.
   * @throws {TypeError} If an option is of the wrong type.
   * @throws {RangeError} If `prefix` is longer than 256 bytes, or `cacheTtl` less than 30.
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
        {
          cacheTtl: checkedInteger(cacheTtl, "cacheTtl", {
            min: MIN_CACHE_TTL,
          }),
        }),
    };
    this.#now = now;
  }

  /**
   * Looks up a session.
   *
   * @param id The session id.
   * @param options The signal, which is checked before a call of KV and after its failure.
   * @returns The record, or `undefined` if there is none or it has expired.
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
      "look up the session",
      () => this.#namespace.get(key, this.#getOptions),
      signal,
    );
    if (value === null) return undefined;
    const bytes = new Uint8Array(value);
    const record = takeRecord(decodeEnvelope(bytes), this.#now());
    bytes.fill(0);
    return record;
  }

  /**
   * Stores a record, in place of any other with this id.
   *
   * @param id The session id.
   * @param record The bytes to store.
   * @param options The expiry, the tag and the signal, which is checked before a call of KV and after
   * its failure. KV removes the record after a year at the latest.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or `id` is too long for a key of 512
   * bytes.
   * @throws {Error} If KV fails, for example at the second write to a key within a second.
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
    await attempt("store the session", async () => {
      if (lifetime <= 0) return await this.#namespace.delete(key);
      const put = { expirationTtl, metadata };
      // Before the record, so that `revoke` finds every record.
      if (tag !== undefined) {
        const tagKey = await this.#keys.ofTag(tag, id);
        await this.#namespace.put(tagKey, new Uint8Array(), put);
      }
      await this.#namespace.put(key, envelope, put);
    }, signal);
    envelope.fill(0);
  }

  /**
   * Removes a session. Other locations may see it for some time.
   *
   * @param id The session id.
   * @param _reason The reason, which has no effect.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {RangeError} If `id` is too long for a key of 512 bytes.
   * @throws {Error} If KV fails.
   */
  async delete(id: Uint8Array, _reason: RemovalReason): Promise<void> {
    const key = this.#keys.ofSession(id);
    await attempt("remove the session", () => this.#namespace.delete(key));
  }

  /**
   * Removes the sessions with a tag that this location sees, including those that were stored again
   * with another tag since.
   *
   * @param options The tag.
   * @returns The number of sessions that were stored with the tag and have not expired, whether they
   * were removed since or not.
   * @throws {TypeError} If the tag is not a string.
   * @throws {RangeError} If the tag is empty or longer than 256 bytes.
   * @throws {Error} If KV fails, for example at a worker's limit of operations per request; call it
   * again for the rest.
   */
  async revoke({ tag }: SessionRevokeOptions): Promise<number> {
    checkTag(tag);
    const action = "revoke the sessions";
    const prefix = await this.#keys.prefixOfTag(tag);
    let count = 0;
    for await (const keys of this.#pages(action, prefix)) {
      count += keys.filter((key) => this.#entry(key, prefix)).length;
      const removals = keys.map(async ({ name }) => {
        const id = name.slice(prefix.length);
        await this.#namespace.delete(this.#keys.sessions + id);
        // Last: if the other call fails, the next `revoke` finds the session.
        await this.#namespace.delete(name);
      });
      await attempt(action, () => Promise.all(removals));
    }
    return count;
  }

  /**
   * Lists the sessions that have not expired and that this location sees.
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
    action: string,
    prefix: string,
  ): AsyncGenerator<readonly CloudflareKvKey[], void, undefined> {
    let from: { cursor?: string } = {};
    for (;;) {
      const options = { prefix, limit: PAGE_SIZE, ...from };
      const { keys, list_complete, cursor } = await attempt(
        action,
        () => this.#namespace.list(options),
      );
      yield keys;
      if (list_complete || cursor === undefined || cursor === from.cursor) {
        return;
      }
      from = { cursor };
    }
  }

  /** The entry of a key, unless its session has expired. */
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
