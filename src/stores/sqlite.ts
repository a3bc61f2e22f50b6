/**
 * A {@linkcode SessionStore} in an SQLite file, shared by the processes of one
 * machine. On `node:sqlite`: Deno, and Node.js 22.13 or later.
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

import { ownOptions } from "../internal/own_options.ts";
import type { DatabaseSync } from "node:sqlite";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { checkCount, checkPath, checkSynchronous } from "./_options.ts";
import { failure } from "./_failures.ts";
import {
  inTransaction,
  LISTED_AT_ONCE,
  openSessionFile,
  PURGED_AT_ONCE,
  type Statements,
} from "./sqlite/file.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type * from "./session_store.ts";

/** Options of {@linkcode SqliteSessionStore}. */
export interface SqliteSessionStoreOptions {
  /**
   * How long a call may block while another process writes, in milliseconds;
   * then it throws.
   *
   * @default {1_000}
   */
  busyTimeout?: number;
  /**
   * What survives a power cut. `"normal"` may undo the last few calls, a
   * `delete` or `take` among them; `"full"` waits for the disk at every write.
   * A killed process loses nothing either way.
   *
   * @default {"normal"}
   */
  synchronous?: "normal" | "full";
  /**
   * The clock, in milliseconds since the epoch.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

/** How long `purge` leaves the file to others between its steps, in ms. */
const PURGE_PAUSE = 5;

type Row = Record<string, unknown>;

/**
 * Keeps sessions in an SQLite file, which several processes may have open at
 * the same time. Each `set` also clears a few expired records away. What is
 * removed is overwritten in the file once SQLite folds its log (WAL) in. Calls
 * other than `purge` and `entries` are synchronous, so signals make no
 * difference.
 *
 * A file of an earlier release gets what it lacks when it is opened; that
 * release can't open it any more then, but may go on where it has it open.
 *
 * Records hold master secrets, so the file is created with mode 0600; a file
 * that exists keeps the mode it has.
 */
export class SqliteSessionStore implements SessionStore {
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  readonly #statements: Statements;
  #closed = false;

  /**
   * Opens the file, or makes it.
   *
   * @param path The file, or `":memory:"` for a store that ends with this
   * object.
   * @param options Waiting, durability, and the clock.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If an option has an impossible value.
   * @throws {Error} If the file can't be opened, is no SQLite database, belongs
   * to another program, or was made by a newer release.
   */
  constructor(path: string | URL, options: SqliteSessionStoreOptions = {}) {
    checkPath(path);
    const own = ownOptions(options, {
      busyTimeout: true,
      synchronous: true,
      now: true,
    }, { of: "SqliteSessionStore" });
    const busyTimeout = checkCount("busyTimeout", own.busyTimeout ?? 1_000, 0);
    const synchronous = checkSynchronous(own.synchronous ?? "normal");
    this.#now = own.now ?? (() => Date.now());
    const file = openSessionFile(path, { busyTimeout, synchronous });
    this.#database = file.database;
    this.#statements = file.statements;
  }

  /** How many records the store holds that have not expired; counts them. */
  get size(): number {
    return this.#attempt(
      "count the sessions",
      ({ count }) => Number(count.get(this.#now())?.["n"]),
    );
  }

  /**
   * Looks a session up.
   *
   * @param id The session id.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the store is closed, or SQLite fails.
   */
  get(id: Uint8Array): Uint8Array | undefined {
    checkId(id);
    return this.#attempt(
      "look the session up",
      ({ get }) => recordOf(get.get(id, this.#now())),
    );
  }

  /**
   * Stores a session, in place of any other under this id.
   *
   * @param id The session id.
   * @param record The bytes to keep.
   * @param options When the record expires, and its tag.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or the tag is empty
   * or longer than 256 bytes.
   * @throws {Error} If the store is closed, or SQLite fails; then nothing has
   * been stored.
   */
  set(id: Uint8Array, record: Uint8Array, options: SessionSetOptions): void {
    const own = ownOptions(options);
    const expiresAt = checkSetArguments(id, record, own);
    const tag = own.tag === undefined ? null : bytesOf(own.tag);
    this.#attempt("store the session", (statements) => {
      inTransaction(this.#database, "IMMEDIATE", () => {
        const now = this.#now();
        if (expiresAt > now) statements.put.run(id, record, expiresAt, tag);
        else statements.delete.run(id);
        statements.sweep.run(now);
      });
    });
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param _reason Why; it makes no difference here.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the store is closed, or SQLite fails.
   */
  delete(id: Uint8Array, _reason: RemovalReason): void {
    checkId(id);
    this.#attempt("remove the session", (statements) => {
      statements.delete.run(id);
    });
  }

  /**
   * Looks a session up and removes it. Of all processes that ask for it at the
   * same time, one gets it.
   *
   * @param id The session id.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the store is closed, or SQLite fails.
   */
  take(id: Uint8Array): Uint8Array | undefined {
    checkId(id);
    return this.#attempt("take the session", ({ take }) => {
      // Not by get, which doesn't tell if the removal fails at its commit.
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
   * @returns How many sessions were removed, without those that had expired.
   * @throws {TypeError} If the tag is no string.
   * @throws {RangeError} If the tag is empty, or longer than 256 bytes.
   * @throws {Error} If the store is closed, or SQLite fails; then nothing has
   * been removed.
   */
  revoke({ tag }: SessionRevokeOptions): number {
    checkTag(tag);
    return this.#attempt("revoke the sessions", ({ revoke }) => {
      const rows = revoke.all(bytesOf(tag));
      const now = this.#now();
      return rows.filter((row) => Number(row["expires_at"]) > now).length;
    });
  }

  /**
   * Lists the sessions that have not expired, each once. Reads some of them at
   * a time, and locks nothing in between: what is stored or removed meanwhile
   * may be in the list or not.
   *
   * @throws {Error} If the store is closed, or SQLite fails.
   */
  async *entries(): AsyncGenerator<SessionEntry, void, void> {
    let from: Uint8Array | null = null;
    do {
      const rows: Row[] = this.#attempt(
        "list the sessions",
        ({ list }) => list.all(from, this.#now()),
      );
      const entries = rows.map(entryOf);
      // Before the ids are handed out, and may be changed.
      from = rows.length < LISTED_AT_ONCE ? null : idAfter(entries.at(-1));
      for (const entry of entries) {
        if (entry.expiresAt.getTime() > this.#now()) yield entry;
      }
    } while (from !== null);
  }

  /**
   * Removes all that has expired by now, in steps of 500 records, with a pause
   * after each for others to write. Ends early if the store is closed
   * meanwhile.
   *
   * @returns How many records it removed.
   * @throws {Error} If the store is closed, or SQLite fails.
   */
  async purge(): Promise<number> {
    const now = this.#now();
    for (let removed = 0;;) {
      const changes = this.#attempt(
        "remove what has expired",
        ({ purge }) => Number(purge.run(now).changes),
      );
      removed += changes;
      if (changes < PURGED_AT_ONCE) return removed;
      await new Promise((resolve) => setTimeout(resolve, PURGE_PAUSE));
      if (this.#closed) return removed;
    }
  }

  /**
   * Closes the file. Does nothing the second time; every other call throws from
   * now on.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#database.close();
  }

  /** Same as {@linkcode SqliteSessionStore.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #attempt<T>(what: string, body: (statements: Statements) => T): T {
    if (this.#closed) {
      throw new Error(`Cannot ${what}: the session store is closed`);
    }
    try {
      return body(this.#statements);
    } catch (error) {
      throw failure(what, error);
    }
  }
}

function recordOf(row: Row | undefined): Uint8Array | undefined {
  const record = row?.["record"];
  return record instanceof Uint8Array ? record : undefined;
}

function entryOf({ id, expires_at, tag, size }: Row): SessionEntry {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    id: id instanceof Uint8Array ? id : new Uint8Array(),
    expiresAt: new Date(Number(expires_at)),
    ...(tag instanceof Uint8Array ? { tag: decoder.decode(tag) } : {}),
    size: Number(size),
  };
}

/** The first id that comes after an entry's. */
function idAfter(entry: SessionEntry | undefined): Uint8Array | null {
  return entry === undefined ? null : Uint8Array.of(...entry.id, 0);
}

function bytesOf(tag: string): Uint8Array {
  return new TextEncoder().encode(tag);
}
