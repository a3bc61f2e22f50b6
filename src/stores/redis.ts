/**
 * A {@linkcode SessionStore} on Redis 6.2 or later, Valkey, or a cluster of either, which the
 * servers of a fleet share. It uses a client of `npm:redis` (5 or later) or `npm:ioredis` (5 or
 * later), which the application creates, connects and closes.
 *
 * A TLS server must not wait for a store that can't be reached. Configure the client to fail at
 * once instead of queueing commands, and to give up on a server that doesn't answer, as in the
 * examples. Handle the client's `"error"` events: without a listener, the first one ends the
 * process.
 *
 * Records hold master secrets, and Redis stores them as they are: wrap the store in
 * `EncryptedSessionStore` of `@sesame/tls/stores/encrypted`. Connect to Redis over TLS (`rediss:`)
 * unless it is on the same machine. Give the client a user of its own, for the keys `sesame:*`
 * and the commands `GETEX`, `GETDEL`, `SET`, `UNLINK`, `EVAL`, `ZADD`, `ZRANGE`, `ZREM`, `PTTL`,
 * `PEXPIRE`, `SCAN`, `GETRANGE` and `STRLEN`; the clients themselves use `PING` and `INFO`, and in
 * a cluster `CLUSTER`.
 *
 * A restart from an older snapshot restores removed sessions, and so may a failover to a replica
 * that lags. Turn persistence off (`save ""`, `appendonly no`): a restart then costs one full
 * handshake for each session. Keep `maxmemory-policy` at `noeviction`, its default: other policies
 * may evict an index by which `revoke` finds sessions.
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

import { Buffer } from "node:buffer";
import { ownOptions } from "../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { decodeEnvelope, encodeEnvelope, takeRecord } from "./_envelope.ts";
import { checkedText } from "./_options.ts";
import {
  type Command,
  type Connection,
  connectionOf,
  type RedisClient,
} from "./redis/client.ts";
import { RedisCommands } from "./redis/commands.ts";
import { RedisKeys } from "./redis/keys.ts";
import { listEntries } from "./redis/listing.ts";
import { bytesFrom, numberFrom } from "./redis/replies.ts";
import { revokeTagged } from "./redis/revoke.ts";
import { addCommand } from "./redis/tags.ts";
import type { RedisSessionStoreOptions } from "./redis/options.ts";
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
export type { RedisSessionStoreOptions } from "./redis/options.ts";
export type * from "./session_store.ts";

/**
 * A store in Redis, for all servers that use the same one. Redis removes expired records by
 * itself. Storing a session takes one command, or two with a tag; a look-up, a removal and
 * `take` take one each.
 *
 * The store never connects or closes the client, and its calls fail when the client's commands
 * fail. Look-ups go to the masters of a cluster, whatever the client's settings, as a replica may
 * not have a removal yet. An aborted signal ends a command of node-redis that has not been sent,
 * and has no effect with ioredis.
 */
export class RedisSessionStore implements SessionStore {
  readonly #connection: Connection;
  readonly #commands: RedisCommands;
  readonly #keys: RedisKeys;
  readonly #now: () => number;

  /**
   * Creates a store. It sends nothing before the first call.
   *
   * @param client A connected client of `npm:redis` (`createClient`, `createClientPool` or
   * `createCluster`) or `npm:ioredis` (`Redis` or `Cluster`).
   * @param options The prefix of the keys, and the clock.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `prefix` is not well-formed text.
   */
  constructor(client: RedisClient, options: RedisSessionStoreOptions = {}) {
    const own = ownOptions(options, { prefix: true, now: true }, {
      of: "RedisSessionStore",
    });
    this.#connection = connectionOf(client);
    this.#commands = new RedisCommands(this.#connection);
    this.#keys = new RedisKeys(checkedText(own.prefix ?? "sesame:", "prefix"));
    this.#now = own.now ?? (() => Date.now());
  }

  /**
   * Looks up a session.
   *
   * @param id The session id.
   * @param options The signal.
   * @returns The record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the client or Redis fails.
   */
  get(
    id: Uint8Array,
    options: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    // Some clients send GET to a replica.
    return this.#read("look up the session", "GETEX", id, options);
  }

  /**
   * Stores a record, in place of any other with this id.
   *
   * @param id The session id.
   * @param record The bytes to store.
   * @param options The expiry, the tag and the signal.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or the tag is empty or longer than
   * 256 bytes.
   * @throws {Error} If the client or Redis fails.
   */
  async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    const own = ownOptions(options);
    const expiresAt = checkSetArguments(id, record, own);
    const action = "store the session";
    const send = <T>(
      key: string,
      command: Command,
      read: (reply: unknown) => T,
    ): Promise<T> =>
      this.#commands.send(action, key, command, read, options.signal);
    const key = this.#keys.record(id);
    const now = this.#now();
    if (expiresAt <= now) {
      await send(key, ["UNLINK", key], numberFrom);
      return;
    }
    const { tag } = own;
    // A Buffer, the only type of bytes that the clients accept.
    const value = Buffer.from(
      encodeEnvelope({ id, expiresAt, tag, record }).buffer,
    );
    try {
      if (tag !== undefined) {
        // Before the record, so that `revoke` finds every record.
        const index = this.#keys.index(tag);
        const command = addCommand(index, { id, expiresAt }, now);
        await send(index, command, numberFrom);
      }
      const lifetime = String(Math.ceil(expiresAt - now));
      await send(key, ["SET", key, value, "PX", lifetime], () => {});
    } finally {
      value.fill(0);
    }
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param _reason The reason, which has no effect.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the client or Redis fails.
   */
  async delete(id: Uint8Array, _reason: RemovalReason): Promise<void> {
    checkId(id);
    const key = this.#keys.record(id);
    const command: Command = ["UNLINK", key];
    await this.#commands.send("remove the session", key, command, numberFrom);
  }

  /**
   * Looks up a session and removes it. Of several servers that do so at the same time, one gets
   * the record.
   *
   * @param id The session id.
   * @param options The signal.
   * @returns The record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the client or Redis fails; the record may be lost then.
   */
  take(
    id: Uint8Array,
    options: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    return this.#read("take the session", "GETDEL", id, options);
  }

  /**
   * Removes all sessions that were stored with a tag, in batches of 100, including those that
   * were stored again with another tag since. Its duration depends on the number of sessions that
   * were stored with the tag and have not expired, whether they were removed or not.
   *
   * @param options The tag.
   * @returns The number of removed sessions that had not expired.
   * @throws {TypeError} If the tag is not a string.
   * @throws {RangeError} If the tag is empty or longer than 256 bytes.
   * @throws {Error} If the client or Redis fails; some sessions may have been removed.
   */
  async revoke({ tag }: SessionRevokeOptions): Promise<number> {
    checkTag(tag);
    return await revokeTagged(this.#commands, this.#keys, tag, this.#now());
  }

  /**
   * Lists the sessions that have not expired, each once. It scans all keys of all servers of a
   * cluster in batches, reads the beginning of each record, and remembers the keys that it has
   * listed.
   *
   * @throws {Error} If the client or Redis fails.
   */
  async *entries(): AsyncGenerator<SessionEntry, void, void> {
    yield* listEntries(this.#connection, this.#keys, this.#now);
  }

  /** Reads the record of a session with a command, and wipes the reply. */
  async #read(
    action: string,
    name: "GETEX" | "GETDEL",
    id: Uint8Array,
    { signal }: SessionGetOptions,
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    const key = this.#keys.record(id);
    const command: Command = [name, key];
    const value = await this.#commands.send(
      action,
      key,
      command,
      bytesFrom,
      signal,
    );
    const record = value && takeRecord(decodeEnvelope(value), this.#now());
    value?.fill(0);
    return record;
  }
}
