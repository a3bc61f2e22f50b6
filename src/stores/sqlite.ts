/**
 * A {@linkcode SessionStore} in an SQLite file, for the processes of one machine. It uses
 * `node:sqlite`: Deno, and Node.js 22.13 or later.
 *
 * @example
 * ```ts
 * import { SqliteSessionStore } from "@sesame/tls/stores/sqlite";
 * import { assertEquals } from "@std/assert";
 *
 * const store = new SqliteSessionStore(":memory:");
 * const id = crypto.getRandomValues(new Uint8Array(32));
 * const expiresAt = new Date(Date.now() + 7_200_000);
 * store.set(id, new Uint8Array([1, 2, 3]), { expiresAt });
 *
 * assertEquals(store.take(id), new Uint8Array([1, 2, 3]));
 * assertEquals(store.take(id), undefined);
 * store.close();
 * ```
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { checkedInteger } from "../internal/option_checks.ts";
import { ownOptions } from "../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { failure } from "./_failures.ts";
import { checkedSynchronous, checkPath } from "./_options.ts";
import { inTransaction, openSessionFile } from "./sqlite/file.ts";
import {
  nextId,
  recordOf,
  type Row,
  rowEntry,
  tagBytes,
} from "./sqlite/rows.ts";
import { LIST_BATCH, PURGE_BATCH, type Statements } from "./sqlite/schema.ts";
import type { SqliteSessionStoreOptions } from "./sqlite/options.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type { SqliteSessionStoreOptions } from "./sqlite/options.ts";
export type * from "./session_store.ts";

/** The pause of `purge` between batches, in milliseconds, for other processes to write. */
const PURGE_PAUSE = 5;

/**
 * A store in an SQLite file, which several processes can open at the same time. Each `set` also
 * removes a few expired records. Removed records are overwritten when SQLite checkpoints its
 * write-ahead log. All calls except `purge` and `entries` return at once, so signals have no
 * effect.
 *
 * Opening a file of an earlier release migrates it. The earlier release can't open it again,
 * but a process that has it open can continue.
 *
 * Records hold master secrets: a new file is created with mode 0600. An existing file keeps its
 * mode.
 */
export class SqliteSessionStore implements SessionStore {
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  readonly #statements: Statements;
  #isClosed = false;

  /**
   * Opens the file, and creates it if it doesn't exist.
   *
   * @param path The file, or `":memory:"` for a store in memory.
   * @param options The time limit, durability and the clock.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If an option is out of its range.
   * @throws {Error} If the file can't be opened, is not an SQLite database, belongs to another
   * program, or was made by a newer release.
   */
  constructor(path: string | URL, options: SqliteSessionStoreOptions = {}) {
    checkPath(path);
    const own = ownOptions(options, {
      busyTimeout: true,
      synchronous: true,
      now: true,
    }, { of: "SqliteSessionStore" });
    const { busyTimeout = 1_000, synchronous = "normal" } = own;
    this.#now = own.now ?? (() => Date.now());
    const file = openSessionFile(path, {
      busyTimeout: checkedInteger(busyTimeout, "busyTimeout", { min: 0 }),
      synchronous: checkedSynchronous(synchronous),
    });
    this.#database = file.database;
    this.#statements = file.statements;
  }

  /** The number of records that have not expired. Reading it counts them. */
  get size(): number {
    return this.#attempt(
      "count the sessions",
      ({ count }) => Number(count.get(this.#now())?.["n"]),
    );
  }

  /**
   * Looks up a session.
   *
   * @param id The session id.
   * @returns The record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the store is closed or SQLite fails.
   */
  get(id: Uint8Array): Uint8Array | undefined {
    checkId(id);
    return this.#attempt(
      "look up the session",
      ({ get }) => recordOf(get.get(id, this.#now())),
    );
  }

  /**
   * Stores a record, in place of any other with this id.
   *
   * @param id The session id.
   * @param record The bytes to store.
   * @param options The expiry and the tag.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or the tag is empty or longer than
   * 256 bytes.
   * @throws {Error} If the store is closed or SQLite fails; then nothing was stored.
   */
  set(id: Uint8Array, record: Uint8Array, options: SessionSetOptions): void {
    const own = ownOptions(options);
    const expiresAt = checkSetArguments(id, record, own);
    const tag = own.tag === undefined ? null : tagBytes(own.tag);
    this.#attempt("store the session", (statements) => {
      inTransaction(this.#database, "IMMEDIATE", () => {
        const now = this.#now();
        if (expiresAt > now) statements.put.run(id, record, expiresAt, tag);
        else statements.delete.run(id);
        statements.deleteSomeExpired.run(now);
      });
    });
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param _reason The reason, which has no effect.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the store is closed or SQLite fails.
   */
  delete(id: Uint8Array, _reason: RemovalReason): void {
    checkId(id);
    this.#attempt("remove the session", (statements) => {
      statements.delete.run(id);
    });
  }

  /**
   * Looks up a session and removes it. Of several processes that do so at the same time, one
   * gets the record.
   *
   * @param id The session id.
   * @returns The record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the store is closed or SQLite fails.
   */
  take(id: Uint8Array): Uint8Array | undefined {
    checkId(id);
    return this.#attempt("take the session", ({ take }) => {
      // StatementSync.get() doesn't report a failure of the commit.
      const [row] = take.all(id);
      return row !== undefined && Number(row["expires_at"]) > this.#now()
        ? recordOf(row)
        : undefined;
    });
  }

  /**
   * Removes all sessions that were stored with a tag, in one transaction.
   *
   * @param options The tag.
   * @returns The number of removed sessions that had not expired.
   * @throws {TypeError} If the tag is not a string.
   * @throws {RangeError} If the tag is empty or longer than 256 bytes.
   * @throws {Error} If the store is closed or SQLite fails; then nothing was removed.
   */
  revoke({ tag }: SessionRevokeOptions): number {
    checkTag(tag);
    return this.#attempt("revoke the sessions", ({ revoke }) => {
      const rows = revoke.all(tagBytes(tag));
      const now = this.#now();
      return rows.filter((row) => Number(row["expires_at"]) > now).length;
    });
  }

  /**
   * Lists the sessions that have not expired, each once. It reads them in batches and holds no
   * lock in between: sessions that are stored or removed meanwhile may be listed or not.
   *
   * @throws {Error} If the store is closed or SQLite fails.
   */
  async *entries(): AsyncGenerator<SessionEntry, void, void> {
    let from: Uint8Array | null = null;
    do {
      const rows: Row[] = this.#attempt(
        "list the sessions",
        ({ list }) => list.all(from, this.#now()),
      );
      const entries = rows.map(rowEntry);
      // Read before the entries are handed out: their ids can be changed.
      from = rows.length < LIST_BATCH ? null : nextId(entries.at(-1));
      for (const entry of entries) {
        if (entry.expiresAt.getTime() > this.#now()) yield entry;
      }
    } while (from !== null);
  }

  /**
   * Removes expired records in batches of 500, with a pause after each for other processes to
   * write. Ends early if the store is closed meanwhile.
   *
   * @returns The number of removed records.
   * @throws {Error} If the store is closed or SQLite fails.
   */
  async purge(): Promise<number> {
    const now = this.#now();
    for (let removed = 0;;) {
      const changes = this.#attempt(
        "remove expired sessions",
        ({ purge }) => Number(purge.run(now).changes),
      );
      removed += changes;
      if (changes < PURGE_BATCH) return removed;
      await new Promise((resolve) => setTimeout(resolve, PURGE_PAUSE));
      if (this.#isClosed) return removed;
    }
  }

  /** Closes the file. All other calls throw from then on. Does nothing the second time. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#database.close();
  }

  /** Same as {@linkcode SqliteSessionStore.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #attempt<T>(action: string, body: (statements: Statements) => T): T {
    if (this.#isClosed) {
      throw new Error(`Cannot ${action}: the session store is closed`);
    }
    try {
      return body(this.#statements);
    } catch (error) {
      throw failure(action, error);
    }
  }
}
