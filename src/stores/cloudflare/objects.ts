import { ownOptions } from "../../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../../internal/session_arguments.ts";
import { checkCount, checkPrefix } from "../_options.ts";
import type { SessionObjectNamespace } from "./bindings.ts";
import { answerOf, BASE, decodePage, type Verb } from "./protocol.ts";
import { attempt, textOf } from "./shared.ts";
import { encodeEnvelope } from "../_envelope.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "../session_store.ts";

/** A worker may ask so many objects within one request, and a few more. */
const MAX_SHARDS = 256;

/** Options of {@linkcode DurableObjectSessionStore}. */
export interface DurableObjectSessionStoreOptions {
  /**
   * Among how many objects the sessions are divided, 1 to 256. An object
   * answers about a thousand requests a second. With another number than before
   * most sessions aren't found any more.
   *
   * @default {16}
   */
  shards?: number;
  /**
   * What the objects' names begin with, before a slash and a number. Stores of
   * one namespace with different prefixes have nothing in common.
   *
   * @default {"sesame"}
   */
  prefix?: string;
  /**
   * Where Cloudflare is to make an object that doesn't exist yet, such as
   * `"weur"`. By default near to whoever asks it first.
   */
  locationHint?: string;
  /**
   * The clock that decides what has expired, in milliseconds since the epoch.
   * The objects free room by their own.
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
 * Keeps sessions in Durable Objects of the class `SessionObject`: all of the
 * contract holds for all who share them, wherever they are. A call takes a trip
 * to where the object is.
 *
 * Records hold master secrets, and Cloudflare can restore what an object held
 * within the last 30 days (point-in-time recovery), removed or not.
 */
export class DurableObjectSessionStore implements SessionStore {
  readonly #namespace: SessionObjectNamespace;
  readonly #shards: number;
  readonly #prefix: string;
  readonly #hint: { locationHint?: string };
  readonly #now: () => number;

  /**
   * Makes a store of a binding. Asks nothing yet, so a worker can make one for
   * each request.
   *
   * @param namespace The binding, or one of its jurisdictions.
   * @param options How to divide the sessions, and the clock.
   * @throws {TypeError} If an option is of the wrong type.
   * @throws {RangeError} If `shards` is not 1 to 256, or `prefix` no well-formed
   * text.
   */
  constructor(
    namespace: SessionObjectNamespace,
    options: DurableObjectSessionStoreOptions = {},
  ) {
    const own = ownOptions(options, NAMES, { of: "DurableObjectSessionStore" });
    this.#namespace = namespace;
    this.#shards = checkShards(own.shards ?? 16);
    this.#prefix = checkPrefix(own.prefix ?? "sesame");
    const { locationHint } = own;
    this.#hint = locationHint === undefined ? {} : { locationHint };
    this.#now = own.now ?? (() => Date.now());
  }

  /**
   * Looks a session up.
   *
   * @param id The session id.
   * @param options When to give up.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the object can't be reached, or fails.
   */
  async get(
    id: Uint8Array,
    options: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    return await this.#askAbout(id, "look the session up", "get", options);
  }

  /**
   * Stores a session, in place of any other under this id.
   *
   * @param id The session id.
   * @param record The bytes to keep, less than 1 MiB.
   * @param options When the record expires, its tag, and when to give up.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date.
   * @throws {Error} If the object can't be reached, or fails.
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
    await this.#ask("store the session", "set", shard, envelope, options);
    // Not if it failed: the request may be on its way still.
    envelope.fill(0);
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param _reason Why; it makes no difference here.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the object can't be reached, or fails.
   */
  async delete(id: Uint8Array, _reason: RemovalReason): Promise<void> {
    checkId(id);
    await this.#askAbout(id, "remove the session", "delete", {});
  }

  /**
   * Looks a session up and removes it. Of all who ask for it at the same time,
   * one gets it.
   *
   * @param id The session id.
   * @param options When to give up.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the object can't be reached, or fails.
   */
  async take(
    id: Uint8Array,
    options: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    return await this.#askAbout(id, "take the session", "take", options);
  }

  /**
   * Removes all sessions with a tag; asks every object.
   *
   * @param options The tag.
   * @returns How many sessions were removed.
   * @throws {TypeError} If the tag is no string.
   * @throws {RangeError} If the tag is empty, or longer than 256 bytes.
   * @throws {Error} If an object can't be reached, or fails; the others have
   * removed theirs.
   */
  async revoke({ tag }: SessionRevokeOptions): Promise<number> {
    checkTag(tag);
    const body = new Uint8Array(new TextEncoder().encode(tag));
    const what = "revoke the sessions";
    const answers = await Promise.allSettled(
      Array.from(
        { length: this.#shards },
        (_, shard) => this.#ask(what, "revoke", shard, body),
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
   * Lists the sessions that have not expired, one object after the other.
   *
   * @throws {Error} If an object can't be reached, or fails.
   */
  async *entries(): AsyncGenerator<SessionEntry, void, undefined> {
    for (let shard = 0; shard < this.#shards; shard++) {
      let after: number | undefined = -1;
      while (after !== undefined) {
        const what = "list the sessions";
        const options = { after };
        const none = new Uint8Array();
        const answer = await this.#ask(what, "list", shard, none, options);
        const { entries, next } = decodePage(textOf(answer));
        yield* entries;
        after = next !== undefined && next > after ? next : undefined;
      }
    }
  }

  #askAbout(
    id: Uint8Array,
    what: string,
    verb: Verb,
    options: { signal?: AbortSignal },
  ): Promise<Uint8Array | undefined> {
    const body = new Uint8Array(id);
    return this.#ask(what, verb, this.#shardOf(id), body, options);
  }

  #ask(
    what: string,
    verb: Verb,
    shard: number,
    body: Uint8Array<ArrayBuffer>,
    options: { signal?: AbortSignal; after?: number } = {},
  ): Promise<Uint8Array | undefined> {
    const { signal, after } = options;
    return attempt(what, signal, async () => {
      const url = new URL(verb, BASE);
      url.searchParams.set("now", String(this.#now()));
      if (after !== undefined) url.searchParams.set("after", String(after));
      const id = this.#namespace.idFromName(`${this.#prefix}/${shard}`);
      // A new one each time: a stub that failed once may do so for ever.
      const stub = this.#namespace.get(id, this.#hint);
      const response = await stub.fetch(url.href, {
        method: "POST",
        body,
        ...(signal && { signal }),
      });
      return answerOf(response.status, await response.arrayBuffer());
    });
  }

  /** FNV-1a: not all ids are random. */
  #shardOf(id: Uint8Array): number {
    let hash = 0x811c9dc5;
    for (const byte of id) hash = Math.imul(hash ^ byte, 0x01000193);
    return (hash >>> 0) % this.#shards;
  }
}

function checkShards(shards: number): number {
  if (checkCount("shards", shards, 1) <= MAX_SHARDS) return shards;
  throw new RangeError(
    `Cannot create the session store: shards must be at most ${MAX_SHARDS}, received ${shards}`,
  );
}
