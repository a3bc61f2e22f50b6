import { checkedInteger } from "../../internal/option_checks.ts";
import { ownOptions } from "../../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../../internal/session_arguments.ts";
import { checkedText } from "../_options.ts";
import type { SessionObjectNamespace } from "./bindings.ts";
import { answerOf, BASE, decodePage, type Verb } from "./protocol.ts";
import { attempt } from "../_failures.ts";
import { textOf } from "./shared.ts";
import { encodeEnvelope } from "../_envelope.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "../session_store.ts";

/** Below the number of objects that a worker can call per request. */
const MAX_SHARDS = 256;

/** Options of {@linkcode DurableObjectSessionStore}. */
export interface DurableObjectSessionStoreOptions {
  /**
   * The number of objects among which the sessions are distributed, from 1 to 256. An object handles
   * about 1000 requests per second. After a change of the number most sessions are not found.
   *
   * @default {16}
   */
  shards?: number;
  /**
   * The beginning of the objects' names, before a slash and a number. Stores with different prefixes
   * share no sessions.
   *
   * @default {"sesame"}
   */
  prefix?: string;
  /**
   * Where Cloudflare creates a new object, such as `"weur"`. By default near the first caller.
   */
  locationHint?: string;
  /**
   * Returns the current time in milliseconds since the epoch. It decides what has expired; the
   * objects remove expired records by their own clock.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

const NAMES: Readonly<Record<keyof DurableObjectSessionStoreOptions, true>> = {
  shards: true,
  prefix: true,
  locationHint: true,
  now: true,
};

/**
 * A store in Durable Objects of the class `SessionObject`. It fulfils the whole contract of
 * {@linkcode SessionStore} for all servers that share it. A call takes a round trip to the location
 * of the object.
 *
 * Records hold master secrets, and Cloudflare can restore removed ones for 30 days (point-in-time
 * recovery).
 */
export class DurableObjectSessionStore implements SessionStore {
  readonly #namespace: SessionObjectNamespace;
  readonly #shards: number;
  readonly #prefix: string;
  readonly #hint: { locationHint?: string };
  readonly #now: () => number;

  /**
   * Creates a store. It makes no call yet, so a worker can create one for each request.
   *
   * @param namespace The binding, or one of its jurisdictions.
   * @param options The distribution of the sessions, and the clock.
   * @throws {TypeError} If an option is of the wrong type.
   * @throws {RangeError} If `shards` is not from 1 to 256, or `prefix` is not well-formed text.
   */
  constructor(
    namespace: SessionObjectNamespace,
    options: DurableObjectSessionStoreOptions = {},
  ) {
    const own = ownOptions(options, NAMES, { of: "DurableObjectSessionStore" });
    this.#namespace = namespace;
    this.#shards = checkedInteger(own.shards ?? 16, "shards", {
      min: 1,
      max: MAX_SHARDS,
    });
    this.#prefix = checkedText(own.prefix ?? "sesame", "prefix");
    const { locationHint } = own;
    this.#hint = locationHint === undefined ? {} : { locationHint };
    this.#now = own.now ?? (() => Date.now());
  }

  /**
   * Looks up a session.
   *
   * @param id The session id.
   * @param options The signal.
   * @returns The record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the object can't be reached or fails.
   */
  async get(
    id: Uint8Array,
    options: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    return await this.#callFor(id, "look up the session", "get", options);
  }

  /**
   * Stores a record, in place of any other with this id.
   *
   * @param id The session id.
   * @param record The bytes to store, less than 1 MiB.
   * @param options The expiry, the tag and the signal.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date.
   * @throws {Error} If the object can't be reached or fails.
   */
  async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    const own = ownOptions(options);
    const expiresAt = checkSetArguments(id, record, own);
    const { tag } = own;
    const envelope = encodeEnvelope({ id, expiresAt, tag, record });
    const shard = this.#shardOf(id);
    await this.#call("store the session", "set", shard, envelope, options);
    // Not after a failure: the request may still be under way.
    envelope.fill(0);
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param _reason The reason, which has no effect.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the object can't be reached or fails.
   */
  async delete(id: Uint8Array, _reason: RemovalReason): Promise<void> {
    checkId(id);
    await this.#callFor(id, "remove the session", "delete", {});
  }

  /**
   * Looks up a session and removes it. Of several servers that do so at the same time, one gets the
   * record.
   *
   * @param id The session id.
   * @param options The signal.
   * @returns The record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the object can't be reached or fails.
   */
  async take(
    id: Uint8Array,
    options: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    return await this.#callFor(id, "take the session", "take", options);
  }

  /**
   * Removes all sessions with a tag. It calls every object.
   *
   * @param options The tag.
   * @returns The number of removed sessions.
   * @throws {TypeError} If the tag is not a string.
   * @throws {RangeError} If the tag is empty or longer than 256 bytes.
   * @throws {Error} If an object can't be reached or fails; the others have removed their sessions.
   */
  async revoke({ tag }: SessionRevokeOptions): Promise<number> {
    checkTag(tag);
    const body = new Uint8Array(new TextEncoder().encode(tag));
    const action = "revoke the sessions";
    const answers = await Promise.allSettled(
      Array.from(
        { length: this.#shards },
        (_, shard) => this.#call(action, "revoke", shard, body),
      ),
    );
    let count = 0;
    for (const answer of answers) {
      if (answer.status === "rejected") throw answer.reason;
      count += Number(textOf(answer.value)) || 0;
    }
    return count;
  }

  /**
   * Lists the sessions that have not expired, one object after another.
   *
   * @throws {Error} If an object can't be reached or fails.
   */
  async *entries(): AsyncGenerator<SessionEntry, void, undefined> {
    for (let shard = 0; shard < this.#shards; shard++) {
      let after: number | undefined = -1;
      while (after !== undefined) {
        const action = "list the sessions";
        const options = { after };
        const none = new Uint8Array();
        const answer = await this.#call(action, "list", shard, none, options);
        const { entries, next } = decodePage(textOf(answer));
        yield* entries;
        after = next !== undefined && next > after ? next : undefined;
      }
    }
  }

  #callFor(
    id: Uint8Array,
    action: string,
    verb: Verb,
    options: { signal?: AbortSignal },
  ): Promise<Uint8Array | undefined> {
    const body = new Uint8Array(id);
    return this.#call(action, verb, this.#shardOf(id), body, options);
  }

  #call(
    action: string,
    verb: Verb,
    shard: number,
    body: Uint8Array<ArrayBuffer>,
    options: { signal?: AbortSignal; after?: number } = {},
  ): Promise<Uint8Array | undefined> {
    const { signal, after } = options;
    return attempt(action, async () => {
      const url = new URL(verb, BASE);
      url.searchParams.set("now", String(this.#now()));
      if (after !== undefined) url.searchParams.set("after", String(after));
      const id = this.#namespace.idFromName(`${this.#prefix}/${shard}`);
      // A new stub for each call: one that has failed may fail forever.
      const stub = this.#namespace.get(id, this.#hint);
      const response = await stub.fetch(url.href, {
        method: "POST",
        body,
        ...(signal && { signal }),
      });
      return answerOf(response.status, await response.arrayBuffer());
    }, signal);
  }

  /** FNV-1a: not all ids are random. */
  #shardOf(id: Uint8Array): number {
    let hash = 0x811c9dc5;
    for (const byte of id) hash = Math.imul(hash ^ byte, 0x01000193);
    return (hash >>> 0) % this.#shards;
  }
}
