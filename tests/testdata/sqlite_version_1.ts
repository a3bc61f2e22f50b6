import { DatabaseSync, type StatementSync } from "node:sqlite";
import { numbered } from "./numbered_sessions.ts";

/** What the release before tags made of a new file. */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE sessions (
    id BLOB PRIMARY KEY NOT NULL,
    record BLOB NOT NULL,
    expires_at INTEGER NOT NULL -- milliseconds since the epoch
  ) STRICT;
  CREATE INDEX sessions_by_expiry ON sessions (expires_at);
  PRAGMA application_id = ${0x53534d45};
  PRAGMA user_version = 1;
`;

/** A file as the release before tags had it open. */
export interface Version1 {
  readonly database: DatabaseSync;
  readonly get: StatementSync;
  readonly put: StatementSync;
}

/** Makes a file of version 1 with some of the numbered sessions. */
export function makeVersion1(path: string, numbers: number[]): Version1 {
  const database = new DatabaseSync(path);
  database.exec(SCHEMA);
  const get = database.prepare(
    "SELECT record FROM sessions WHERE id = ? AND expires_at > ?",
  );
  const put = database.prepare(
    `INSERT INTO sessions (id, record, expires_at) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE
     SET record = excluded.record, expires_at = excluded.expires_at`,
  );
  for (const n of numbers) {
    const { id, record, expiresAt } = numbered(n);
    put.run(id, record, expiresAt.getTime());
  }
  return { database, get, put };
}
