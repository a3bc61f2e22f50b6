import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { failure } from "../_failures.ts";

/** Of `node:sqlite`, which Node.js has from 22.13 on: others can load this all the same. */
const sqlite = await import("node:sqlite").catch((cause: unknown) => ({
  cause,
}));

/** "SSME", in the header of our files: tells them from other programs'. */
const APPLICATION_ID = 0x53534d45;

/**
 * What makes each version of the schema from the one before it. A process that
 * has the file open goes on with its older statements: they have to stay valid.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE sessions (
     id BLOB PRIMARY KEY NOT NULL,
     record BLOB NOT NULL,
     expires_at INTEGER NOT NULL -- milliseconds since the epoch
   ) STRICT;
   CREATE INDEX sessions_by_expiry ON sessions (expires_at);
   PRAGMA application_id = ${APPLICATION_ID};`,
  // The tag in UTF-8: Deno reads a TEXT only as far as its first NUL.
  `ALTER TABLE sessions ADD COLUMN tag BLOB;
   CREATE INDEX sessions_by_tag ON sessions (tag) WHERE tag IS NOT NULL;`,
];
const SCHEMA_VERSION = MIGRATIONS.length;

/** Expired rows that one `set` deletes: more than it adds. */
const SWEPT_PER_SET = 4;

/** Expired rows that `purge` deletes in one transaction: some milliseconds. */
export const PURGED_AT_ONCE = 500;

/** Sessions that `entries` reads in one go. */
export const LISTED_AT_ONCE = 100;

const SQLITE_BUSY = 5;

/** What a store asks of its file. */
export interface Statements {
  readonly get: StatementSync;
  readonly put: StatementSync;
  readonly delete: StatementSync;
  readonly take: StatementSync;
  readonly sweep: StatementSync;
  readonly count: StatementSync;
  readonly revoke: StatementSync;
  readonly list: StatementSync;
  readonly purge: StatementSync;
}

/** How {@linkcode openSessionFile} sets a connection up. */
export interface SessionFileOptions {
  /** How long to wait for another connection's lock, in milliseconds. */
  busyTimeout: number;
  /** When a transaction is on disk: at the next checkpoint, or at once. */
  synchronous: "normal" | "full";
}

/** A file of sessions that is open. */
export interface SessionFile {
  readonly database: DatabaseSync;
  /** Compiled once for the life of the connection. */
  readonly statements: Statements;
}

/** Opens a file of sessions, or makes it, readable by its owner only. */
export function openSessionFile(
  path: string | URL,
  options: SessionFileOptions,
): SessionFile {
  let database: DatabaseSync | undefined;
  try {
    database = new (databaseClass())(createPrivately(path));
    setUp(database, options);
    return { database, statements: prepare(database) };
  } catch (error) {
    database?.close();
    throw failure(`open the session store ${path}`, error);
  }
}

function databaseClass(): typeof DatabaseSync {
  if ("DatabaseSync" in sqlite) return sqlite.DatabaseSync;
  throw new Error("it needs node:sqlite, which Deno and Node.js 22.13 have", {
    cause: sqlite.cause,
  });
}

/**
 * Runs `body` in a transaction: one that reads, or one that holds the write lock
 * from its start.
 */
export function inTransaction(
  database: DatabaseSync,
  kind: "DEFERRED" | "IMMEDIATE",
  body: () => void,
): void {
  database.exec(`BEGIN ${kind}`);
  try {
    body();
    database.exec("COMMIT");
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/**
 * Makes the file where there is none, since SQLite would leave its mode to the
 * umask, and returns what SQLite is to open.
 */
function createPrivately(path: string | URL): string {
  if (path === ":memory:") return path;
  // Absolute, as SQLite would take a relative "file:..." for a URI.
  const file = resolve(path instanceof URL ? fileURLToPath(path) : path);
  try {
    closeSync(openSync(file, "ax", 0o600));
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  return file;
}

function setUp(database: DatabaseSync, options: SessionFileOptions): void {
  database.exec(`PRAGMA busy_timeout = ${options.busyTimeout}`);
  // Before anything is changed, in case the file is not ours.
  inTransaction(database, "DEFERRED", () => void versionOf(database));
  switchToWal(database, options.busyTimeout);
  // Deleted rows hold master secrets: overwrite them.
  database.exec("PRAGMA secure_delete = ON");
  database.exec(`PRAGMA synchronous = ${options.synchronous}`);
  inTransaction(database, "IMMEDIATE", () => migrate(database));
}

/** Makes the schema, or brings an older one up to date. */
function migrate(database: DatabaseSync): void {
  const version = versionOf(database);
  if (version === SCHEMA_VERSION) return;
  for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

/**
 * The version of the schema, 0 for a file that is yet to become ours; throws
 * where it is someone else's, or of a version that is not known. In a
 * transaction, as another process may be changing it.
 */
function versionOf(database: DatabaseSync): number {
  const application = numberFrom(database, "PRAGMA application_id");
  if (application === APPLICATION_ID) {
    return checkVersion(numberFrom(database, "PRAGMA user_version"));
  }
  const objects = numberFrom(database, "SELECT count(*) FROM sqlite_schema");
  if (application !== 0 || objects !== 0) {
    throw new Error("it is the SQLite database of another program");
  }
  return 0;
}

function checkVersion(version: number): number {
  if (version >= 1 && version <= SCHEMA_VERSION) return version;
  throw new Error(
    `its schema has version ${version} and this release of Sesame knows ` +
      `only versions 1 to ${SCHEMA_VERSION}; open it with the release that made it, or delete it`,
  );
}

/**
 * SQLite doesn't wait where two connections switch at the same time: one of
 * them fails at once, whatever its busy_timeout, and has to try again.
 */
function switchToWal(database: DatabaseSync, busyTimeout: number): void {
  const deadline = performance.now() + busyTimeout;
  for (;;) {
    try {
      // Not by exec, whose errors have no errcode in Deno 2.9.
      database.prepare("PRAGMA journal_mode = WAL").get();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error;
    }
    sleep(5);
  }
}

function prepare(database: DatabaseSync): Statements {
  return {
    get: database.prepare(
      "SELECT record FROM sessions WHERE id = ? AND expires_at > ?",
    ),
    put: database.prepare(
      `INSERT INTO sessions (id, record, expires_at, tag) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET record = excluded.record,
         expires_at = excluded.expires_at, tag = excluded.tag`,
    ),
    delete: database.prepare("DELETE FROM sessions WHERE id = ?"),
    take: database.prepare(
      "DELETE FROM sessions WHERE id = ? RETURNING record, expires_at",
    ),
    sweep: database.prepare(deleteExpired(SWEPT_PER_SET)),
    count: database.prepare(
      "SELECT count(*) AS n FROM sessions WHERE expires_at > ?",
    ),
    revoke: database.prepare(
      "DELETE FROM sessions WHERE tag = ? RETURNING expires_at",
    ),
    list: database.prepare(
      `SELECT id, expires_at, tag, length(record) AS size FROM sessions
       WHERE id >= coalesce(?, x'') AND expires_at > ?
       ORDER BY id LIMIT ${LISTED_AT_ONCE}`,
    ),
    purge: database.prepare(deleteExpired(PURGED_AT_ONCE)),
  };
}

function deleteExpired(limit: number): string {
  return `DELETE FROM sessions WHERE rowid IN (
    SELECT rowid FROM sessions WHERE expires_at <= ? LIMIT ${limit}
  )`;
}

function rollBack(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // Some failures (a full disk, say) have rolled back by themselves.
  }
}

function numberFrom(database: DatabaseSync, query: string): number {
  return Number(Object.values(database.prepare(query).get() ?? {})[0]);
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error &&
    (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function sleep(milliseconds: number): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(never, 0, 0, milliseconds);
}
