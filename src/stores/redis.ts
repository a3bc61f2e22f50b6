/**
 * A {@linkcode SessionStore} on Redis 6.2 or later, Valkey, or a cluster of
 * either, shared by the servers of a fleet. On a client of `npm:redis` (5 or
 * later) or `npm:ioredis` (5 or later), which the application makes, connects
 * and closes.
 *
 * A TLS server must not wait for a store that is away: have the client fail at
 * once rather than queue commands, and give up a server that hangs, both as in
 * the examples. Handle the client's `"error"` events, or the first one ends the
 * process.
 *
 * Records hold master secrets, and Redis keeps them as it gets them: wrap the
 * store in `EncryptedSessionStore` of `@sesame/tls/stores/encrypted`. Reach
 * Redis by TLS (`rediss:`) unless it is on the same machine, and give the
 * client a user of its own, for the keys `sesame:*` and the commands `GETEX`,
 * `GETDEL`, `SET`, `UNLINK`, `EVAL`, `ZADD`, `ZRANGE`, `ZREM`, `PTTL`,
 * `PEXPIRE`, `SCAN`, `GETRANGE` and `STRLEN`; the clients themselves use `PING`
 * and `INFO`, and in a cluster `CLUSTER`.
 *
 * What was removed stays removed for as long as Redis knows of it: a restart
 * from an older snapshot brings sessions back, and so may a failover to a
 * replica that is behind. Turn persistence off (`save ""`, `appendonly no`): all
 * that a restart costs then is a full handshake for each session. Keep
 * `maxmemory-policy` at `noeviction`, its default: any other may drop an index
 * by which `revoke` finds sessions.
 *
 * @example With node-redis
 * ```ts
 * import { RedisSessionStore } from "@sesame/tls/stores/redis";
 * import { createClient } from "redis";
 *
 * async function openStore(url: string): Promise<RedisSessionStore> {
 *   const client = createClient({
 *     url,
 *     disableOfflineQueue: true,
 *     // Without an answer for this long, the client connects again.
 *     socket: { socketTimeout: 2_000 },
 *     pingInterval: 500,
 *   });
 *   client.on("error", (error) => console.error("Redis:", error.message));
 *   await client.connect();
 *   return new RedisSessionStore(client);
 * }
 * ```
 *
 * @example With ioredis
 * ```ts
 * import { RedisSessionStore } from "@sesame/tls/stores/redis";
 * import { Redis } from "ioredis";
 *
 * async function openStore(url: string): Promise<RedisSessionStore> {
 *   const client = new Redis(url, {
 *     lazyConnect: true,
 *     enableOfflineQueue: false,
 *     maxRetriesPerRequest: 0,
 *     commandTimeout: 1_000,
 *   });
 *   client.on("error", (error) => console.error("Redis:", error.message));
 *   await client.connect();
 *   return new RedisSessionStore(client);
 * }
 * ```
 *
 * @module
 */

import { ownOptions } from "../internal/own_options.ts";
import { Buffer } from "node:buffer";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { checkPrefix } from "./_options.ts";
import { decodeEnvelope, encodeEnvelope, type Envelope } from "./_envelope.ts";
import {
  type Command,
  type Connection,
  connectionOf,
  type RedisClient,
} from "./redis/client.ts";
import { RedisKeys } from "./redis/keys.ts";
import { listEntries } from "./redis/listing.ts";
import { attempt, bytesFrom, listFrom, numberFrom } from "./redis/replies.ts";
import {
  addCommand,
  pageCommand,
  TAGGED_AT_ONCE,
  taggedIdOf,
} from "./redis/tags.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type {
  IoredisClient,
  IoredisCluster,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisCommandOptions,
  RedisClient,
} from "./redis/client.ts";
export type * from "./session_store.ts";

/** Options of {@linkcode RedisSessionStore}. */
export interface RedisSessionStoreOptions {
  /**
   * What the names of all keys start with. Stores with the same one share their
   * sessions.
   *
   * @default {"sesame:"}
   */
  prefix?: string;
  /**
   * The clock, in milliseconds since the epoch. The clocks of servers that share
   * a store must agree within a minute.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

/**
 * Keeps sessions in Redis, for all servers that use the same one. Redis frees
 * what has expired by itself. A session takes one command to store, or two if
 * it has a tag, and one to look up, take or remove.
 *
 * The client is the application's: the store never connects or closes it, and
 * fails where the client does. Look-ups go to the masters of a cluster, whatever
 * the client is set to, since a replica may not know of a removal yet. An
 * aborted signal ends a call of node-redis that has not been sent, and goes
 * unnoticed by ioredis.
 */
export class RedisSessionStore implements SessionStore {
  readonly #connection: Connection;
  readonly #keys: RedisKeys;
  readonly #now: () => number;

  /**
   * Makes a store of a client, which is not used before the first call.
   *
   * @param client A client of `npm:redis` (`createClient`, `createClientPool`
   * or `createCluster`) or of `npm:ioredis` (`Redis` or `Cluster`), connected.
   * @param options The names of the keys, and the clock.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `prefix` is no well-formed text.
   */
  constructor(client: RedisClient, options: RedisSessionStoreOptions = {}) {
    const own = ownOptions(options, { prefix: true, now: true }, {
      of: "RedisSessionStore",
    });
    this.#connection = connectionOf(client);
    this.#keys = new RedisKeys(checkPrefix(own.prefix ?? "sesame:"));
    this.#now = own.now ?? (() => Date.now());
  }

  /**
   * Looks a session up.
   *
   * @param id The session id.
   * @param options When to give up.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the client or Redis fails.
   */
  async get(
    id: Uint8Array,
    options: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    const key = this.#keys.record(id);
    // Not GET, which some clients send to a replica.
    const command: Command = ["GETEX", key];
    return this.#recordIn(
      await this.#ask("look the session up", key, command, bytesFrom, options),
    );
  }

  /**
   * Stores a session, in place of any other under this id.
   *
   * @param id The session id.
   * @param record The bytes to keep.
   * @param options When the record expires, its tag, and when to give up.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or the tag is empty
   * or longer than 256 bytes.
   * @throws {Error} If the client or Redis fails.
   */
  async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    const own = ownOptions(options);
    const expiresAt = checkSetArguments(id, record, own);
    const what = "store the session";
    const key = this.#keys.record(id);
    const now = this.#now();
    if (expiresAt <= now) {
      await this.#ask(what, key, ["UNLINK", key], numberFrom, options);
      return;
    }
    const value = bufferOf({ id, expiresAt, tag: own.tag, record });
    try {
      if (own.tag !== undefined) {
        // Before the record, so that `revoke` finds whatever there is.
        const index = this.#keys.index(own.tag);
        const command = addCommand(index, { id, expiresAt }, now);
        await this.#ask(what, index, command, numberFrom, options);
      }
      const lifetime = String(Math.ceil(expiresAt - now));
      const command: Command = ["SET", key, value, "PX", lifetime];
      await this.#ask(what, key, command, () => {}, options);
    } finally {
      value.fill(0);
    }
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param _reason Why; it makes no difference here.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the client or Redis fails.
   */
  async delete(id: Uint8Array, _reason: RemovalReason): Promise<void> {
    checkId(id);
    const key = this.#keys.record(id);
    await this.#ask("remove the session", key, ["UNLINK", key], numberFrom);
  }

  /**
   * Looks a session up and removes it. Of all servers that ask for it at the
   * same time, one gets it.
   *
   * @param id The session id.
   * @param options When to give up.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the client or Redis fails; the record may be lost then.
   */
  async take(
    id: Uint8Array,
    options: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    const key = this.#keys.record(id);
    const command: Command = ["GETDEL", key];
    return this.#recordIn(
      await this.#ask("take the session", key, command, bytesFrom, options),
    );
  }

  /**
   * Removes all sessions that were stored with a tag, a hundred at a time, also
   * those that have another tag by now. Takes longer the more of them there
   * are, removed or not, that have not expired.
   *
   * @param options The tag.
   * @returns How many sessions were removed, without those that had expired.
   * @throws {TypeError} If the tag is no string.
   * @throws {RangeError} If the tag is empty, or longer than 256 bytes.
   * @throws {Error} If the client or Redis fails; some sessions may have been
   * removed then.
   */
  async revoke({ tag }: SessionRevokeOptions): Promise<number> {
    checkTag(tag);
    const what = "revoke the sessions";
    const index = this.#keys.index(tag);
    const now = this.#now();
    let last: Uint8Array | undefined;
    for (let removed = 0;;) {
      const command = pageCommand(index, now, last);
      const members = await this.#ask(what, index, command, listFrom);
      const counts = await Promise.all(members.map(async (member) => {
        const { id, expiresAt } = taggedIdOf(member);
        const key = this.#keys.record(id);
        const count = await this.#ask(what, key, ["UNLINK", key], numberFrom);
        return expiresAt > now ? count : 0;
      }));
      for (const count of counts) removed += count;
      // The ids stay in the index: a `set` that is pending may count on them.
      if (members.length < TAGGED_AT_ONCE) return removed;
      last = members.at(-1);
    }
  }

  /**
   * Lists the sessions that have not expired, each once, whatever their tag.
   * Goes through all keys of all servers of a cluster, some at a time, and reads
   * little of the records; remembers the keys that it has listed.
   *
   * @throws {Error} If the client or Redis fails.
   */
  async *entries(): AsyncGenerator<SessionEntry, void, void> {
    yield* listEntries(this.#connection, this.#keys, this.#now);
  }

  /** Sends a command to where the key is, and reads the reply. */
  #ask<T>(
    what: string,
    key: string,
    command: Command,
    read: (reply: unknown) => T,
    { signal }: SessionGetOptions = {},
  ): Promise<T> {
    return attempt(what, command, async () => {
      signal?.throwIfAborted();
      return read(await this.#connection.send(key, command, signal));
    }, signal);
  }

  /** Copies the record out of what Redis had, and wipes that. */
  #recordIn(value: Uint8Array | undefined): Uint8Array | undefined {
    if (value === undefined) return undefined;
    const envelope = decodeEnvelope(value);
    const record = envelope && envelope.expiresAt > this.#now()
      ? new Uint8Array(envelope.record)
      : undefined;
    value.fill(0);
    return record;
  }
}

/** As a Buffer, since the clients take no other arrays. */
function bufferOf(envelope: Envelope): Buffer {
  return Buffer.from(encodeEnvelope(envelope).buffer);
}
