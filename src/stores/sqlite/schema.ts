import type { DatabaseSync, StatementSync } from "node:sqlite";

/** "SSME": marks the files of this store in their header. */
const APPLICATION_ID = 0x53534d45;

/**
 * The statements that make each version of the schema from the one before. A process that has
 * the file open keeps using its older statements: these must remain valid.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE sessions (
     id BLOB PRIMARY KEY NOT NULL,
     record BLOB NOT NULL,
     expires_at INTEGER NOT NULL -- milliseconds since the epoch
   ) STRICT;
   CREATE INDEX sessions_by_expiry ON sessions (expires_at);
   PRAGMA application_id = ${APPLICATION_ID};`,
  // The tag in UTF-8: Deno reads a TEXT only up to its first NUL.
  `ALTER TABLE sessions ADD COLUMN tag BLOB;
   CREATE INDEX sessions_by_tag ON sessions (tag) WHERE tag IS NOT NULL;`,
];
const SCHEMA_VERSION = MIGRATIONS.length;

/** How many expired rows one `set` deletes: more than it adds. */
const DELETED_PER_SET = 4;

/** How many expired rows `purge` deletes in one transaction, which takes some milliseconds. */
export const PURGE_BATCH = 500;

/** How many sessions `entries` reads at once. */
export const LIST_BATCH = 100;

/** The prepared statements of a store. */
export interface Statements {
  readonly get: StatementSync;
  readonly put: StatementSync;
  readonly delete: StatementSync;
  readonly take: StatementSync;
  readonly deleteSomeExpired: StatementSync;
  readonly count: StatementSync;
  readonly revoke: StatementSync;
  readonly list: StatementSync;
  readonly purge: StatementSync;
}

/** Creates the schema, or migrates an older one. The caller holds the write lock. */
export function migrate(database: DatabaseSync): void {
  const version = schemaVersion(database);
  if (version === SCHEMA_VERSION) return;
  for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

/**
 * The version of the schema; 0 for an empty file. To be called in a transaction, as another
 * process may be migrating the file.
 *
 * @throws {Error} If the file belongs to another program, or its version is unknown.
 */
export function schemaVersion(database: DatabaseSync): number {
  const application = numberFrom(database, "PRAGMA application_id");
  if (application === APPLICATION_ID) {
    return checkedVersion(numberFrom(database, "PRAGMA user_version"));
  }
  const objects = numberFrom(database, "SELECT count(*) FROM sqlite_schema");
  if (application !== 0 || objects !== 0) {
    throw new Error("it is the SQLite database of another program");
  }
  return 0;
}

function checkedVersion(version: number): number {
  if (version >= 1 && version <= SCHEMA_VERSION) return version;
  throw new Error(
    `its schema has version ${version}, and this release of Sesame supports ` +
      `only versions 1 to ${SCHEMA_VERSION}; open it with the release that made it, or delete it`,
  );
}

function numberFrom(database: DatabaseSync, query: string): number {
  return Number(Object.values(database.prepare(query).get() ?? {})[0]);
}

/** Prepares all statements. */
export function prepare(database: DatabaseSync): Statements {
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
    deleteSomeExpired: database.prepare(deleteExpired(DELETED_PER_SET)),
    count: database.prepare(
      "SELECT count(*) AS n FROM sessions WHERE expires_at > ?",
    ),
    revoke: database.prepare(
      "DELETE FROM sessions WHERE tag = ? RETURNING expires_at",
    ),
    list: database.prepare(
      `SELECT id, expires_at, tag, length(record) AS size FROM sessions
       WHERE id >= coalesce(?, x'') AND expires_at > ?
       ORDER BY id LIMIT ${LIST_BATCH}`,
    ),
    purge: database.prepare(deleteExpired(PURGE_BATCH)),
  };
}

function deleteExpired(limit: number): string {
  return `DELETE FROM sessions WHERE rowid IN (
    SELECT rowid FROM sessions WHERE expires_at <= ? LIMIT ${limit}
  )`;
}
