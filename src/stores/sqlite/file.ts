import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { failure } from "../_failures.ts";
import { migrate, prepare, schemaVersion, type Statements } from "./schema.ts";

/** Node.js has `node:sqlite` from version 22.13 on. Older ones can still load this module. */
const sqlite = await import("node:sqlite").catch((cause: unknown) => ({
  cause,
}));

const SQLITE_BUSY = 5;

/** Options of {@linkcode openSessionFile}. */
export interface SessionFileOptions {
  /** How long to wait for the lock of another connection, in milliseconds. */
  busyTimeout: number;
  /** SQLite's `PRAGMA synchronous`: when a transaction is on disk. */
  synchronous: "normal" | "full";
}

/** An open file of sessions. */
export interface SessionFile {
  readonly database: DatabaseSync;
  readonly statements: Statements;
}

/** Opens a file of sessions. A new one can be read by its owner only. */
export function openSessionFile(
  path: string | URL,
  options: SessionFileOptions,
): SessionFile {
  let database: DatabaseSync | undefined;
  try {
    database = new (databaseClass())(createFile(path));
    configure(database, options);
    return { database, statements: prepare(database) };
  } catch (error) {
    database?.close();
    throw failure(`open the session store ${path}`, error);
  }
}

/**
 * Runs `body` in a transaction: `"DEFERRED"` for reading, `"IMMEDIATE"` to hold the write lock
 * from the start.
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

function databaseClass(): typeof DatabaseSync {
  if ("DatabaseSync" in sqlite) return sqlite.DatabaseSync;
  throw new Error("it needs node:sqlite, which Deno and Node.js 22.13 have", {
    cause: sqlite.cause,
  });
}

/**
 * Creates the file if it doesn't exist, as SQLite would leave its mode to the umask. Returns
 * the path to open.
 */
function createFile(path: string | URL): string {
  if (path === ":memory:") return path;
  // Absolute: SQLite takes a relative path that starts with "file:" for a URI.
  const file = resolve(path instanceof URL ? fileURLToPath(path) : path);
  try {
    closeSync(openSync(file, "ax", 0o600));
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  return file;
}

function configure(database: DatabaseSync, options: SessionFileOptions): void {
  database.exec(`PRAGMA busy_timeout = ${options.busyTimeout}`);
  // Checked first: the file of another program must not be changed.
  inTransaction(database, "DEFERRED", () => void schemaVersion(database));
  switchToWal(database, options.busyTimeout);
  // Overwrites deleted rows, which hold master secrets.
  database.exec("PRAGMA secure_delete = ON");
  database.exec(`PRAGMA synchronous = ${options.synchronous}`);
  inTransaction(database, "IMMEDIATE", () => migrate(database));
}

/**
 * Switches to a write-ahead log. If two connections do so at the same time, one of them fails
 * at once, whatever its busy_timeout, and has to try again.
 */
function switchToWal(database: DatabaseSync, busyTimeout: number): void {
  const deadline = performance.now() + busyTimeout;
  for (;;) {
    try {
      // Errors of `exec` have no errcode in Deno 2.9.
      database.prepare("PRAGMA journal_mode = WAL").get();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error;
    }
    sleep(5);
  }
}

function rollBack(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // After some failures, such as a full disk, SQLite has rolled back by itself.
  }
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
