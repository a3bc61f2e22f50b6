import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import {
  SqliteSessionStore,
  type SqliteSessionStoreOptions,
} from "../../../src/stores/sqlite.ts";
import { StorePlace } from "../../support/store_place.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";
import { makeVersion1 } from "../../testdata/sqlite_version_1.ts";

const place = new StorePlace("sessions.db");
const { now } = place;

describe("SqliteSessionStore's file", () => {
  place.forEachTest();

  it("is written as durably as it is told to be", () => {
    for (const synchronous of ["normal", "full"] as const) {
      const statements: string[] = [];
      whileSqlite((sql) => statements.push(sql), () => {
        new SqliteSessionStore(":memory:", { synchronous }).close();
      });
      assert(statements.includes(`PRAGMA synchronous = ${synchronous}`));
    }
  });

  describe("when others make it at the same moment", () => {
    it("waits for its turn to switch to WAL", () => {
      let refusals = 3;
      whileSqlite((sql) => {
        if (sql.includes("WAL") && refusals-- > 0) throw busy();
      }, () => new SqliteSessionStore(place.path).close());
      assertEquals(refusals, -1);
    });

    it("waits no longer than busyTimeout", () => {
      whileSqlite((sql) => {
        if (sql.includes("WAL")) throw busy();
      }, () => {
        assertRefused("database is locked", { busyTimeout: 30 });
        assertRefused("database is locked", { busyTimeout: 0 });
      });
    });
  });

  describe("guards secrets:", () => {
    it("a file that exists keeps its mode", () => {
      Deno.writeFileSync(place.path, new Uint8Array(), { mode: 0o640 });
      new SqliteSessionStore(place.path).close();
      assertEquals(modeOf(place.path), 0o640);
    });

    it("what is removed is overwritten", () => {
      const store = new SqliteSessionStore(place.path, { now });
      for (const n of [1, 2, 3, 4]) put(store, n, 1_000);
      put(store, 5, 10);
      store.delete(numbered(1).id, "revoked");
      store.take(numbered(2).id);
      const { id, record } = numbered(3);
      const expiresAt = new Date(place.clock + 1_000);
      store.set(id, record.subarray(0, 10), { expiresAt });
      place.clock += 10;
      put(store, 6, 1_000);
      store.close();

      const found = [1, 2, 3, 4, 5, 6].filter((n) => fileHolds(n));
      assertEquals(found, [4, 6]);
    });
  });

  describe("of the release before tags", () => {
    it("is brought up to date, with all that it holds", async () => {
      makeVersion1(place.path, [1, 2]).database.close();
      const store = new SqliteSessionStore(place.path);
      assertEquals(store.get(numbered(1).id), numbered(1).record);
      const { id, record, expiresAt } = numbered(3);
      store.set(id, record, { expiresAt, tag: "alice" });
      const entries = await Array.fromAsync(store.entries());
      const tags = entries.map(({ tag }) => tag);
      assertEquals(tags, [undefined, undefined, "alice"]);
      assertEquals(store.revoke({ tag: "alice" }), 1);
      assertEquals(store.size, 2);
      store.close();
      assertEquals(schemaOf(place.path), schemaOf(madeNew()));
      new SqliteSessionStore(place.path).close();
    });

    it("goes on where that release has it open", () => {
      const old = makeVersion1(place.path, [1]);
      const store = new SqliteSessionStore(place.path);
      const { id, record, expiresAt } = numbered(2);
      old.put.run(id, record, expiresAt.getTime());
      assertEquals(store.get(id), record);
      const third = numbered(3);
      store.set(third.id, third.record, { expiresAt, tag: "alice" });
      const row = old.get.get(third.id, Date.now());
      assertEquals(row?.["record"], new Uint8Array(third.record));
      old.database.close();
      store.close();
    });

    it("stays as it is where it can't be brought up to date", () => {
      const old = makeVersion1(place.path, [1]);
      old.database.exec("CREATE TABLE sessions_by_tag (a)");
      const before = schemaOf(place.path);
      assertRefused("there is already a table named sessions_by_tag");
      assertEquals(schemaOf(place.path), before);
      old.database.exec("DROP TABLE sessions_by_tag");
      old.database.close();
      const store = new SqliteSessionStore(place.path);
      assertEquals(store.size, 1);
      store.close();
    });
  });

  describe("refuses to open", () => {
    it("a file that is no database", () => {
      Deno.writeTextFileSync(place.path, "Not a database. ".repeat(100));
      assertRefused("file is not a database");
    });

    it("another program's database, and leaves it as it is", () => {
      const theirs = new DatabaseSync(place.path);
      theirs.exec("CREATE TABLE sessions (id TEXT); PRAGMA user_version = 1");
      theirs.close();
      const before = Deno.readFileSync(place.path);
      assertRefused("it is the SQLite database of another program");
      assertEquals(Deno.readFileSync(place.path), before);
    });

    it("a database that another program has yet to fill", () => {
      const theirs = new DatabaseSync(place.path);
      theirs.exec("PRAGMA application_id = 1");
      theirs.close();
      assertRefused("it is the SQLite database of another program");
    });

    it("the file of a newer release", () => {
      new SqliteSessionStore(place.path).close();
      const file = new DatabaseSync(place.path);
      file.exec("PRAGMA user_version = 3");
      file.close();
      assertRefused(
        "its schema has version 3, and this release of Sesame supports only versions 1 to 2",
      );
    });

    it("a file of its own with an invalid version", () => {
      new SqliteSessionStore(place.path).close();
      const file = new DatabaseSync(place.path);
      file.exec("PRAGMA user_version = 0");
      file.close();
      assertRefused("its schema has version 0, and this release");
    });

    it("a file of its own that was damaged", () => {
      new SqliteSessionStore(place.path).close();
      const file = new DatabaseSync(place.path);
      file.exec("DROP TABLE sessions");
      file.close();
      assertRefused("no such table: sessions");
    });

    it("a file in a directory that does not exist", () => {
      place.path = `${place.folder}/missing/sessions.db`;
      assertRefused("ENOENT: no such file or directory");
    });

    it("a directory", () => {
      place.path = place.folder;
      assertRefused("unable to open database file");
    });
  });
});

/** Stores the `n`th session for `lifetime` ms. */
function put(store: SqliteSessionStore, n: number, lifetime: number): void {
  const { id, record } = numbered(n);
  store.set(id, record, { expiresAt: new Date(place.clock + lifetime) });
}

/** Makes a file with this release; returns its path. */
function madeNew(): string {
  const made = `${place.folder}/new.db`;
  new SqliteSessionStore(made).close();
  return made;
}

/** The tables, columns and indexes of a file, and its version. */
function schemaOf(path: string): unknown {
  const file = new DatabaseSync(path);
  const objects = file.prepare("SELECT name, sql FROM sqlite_schema").all();
  const [version] = file.prepare("PRAGMA user_version").all();
  file.close();
  const lines = objects.map(({ name, sql }) =>
    `${name}: ${String(sql).replace(/\s+/g, " ").replace(" ,", ",")}`
  );
  return [...lines, version?.["user_version"]];
}

function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o777;
}

/** Whether the `n`th session's record is in the file, read or not. */
function fileHolds(n: number): boolean {
  const text = new TextDecoder("latin1");
  const secret = text.decode(numbered(n).record.subarray(20, 220));
  return text.decode(Deno.readFileSync(place.path)).includes(secret);
}

function assertRefused(
  reason: string,
  options: SqliteSessionStoreOptions = {},
): void {
  assertThrows(
    () => new SqliteSessionStore(place.path, options),
    Error,
    `Cannot open the session store ${place.path}: ${reason}`,
  );
}

/** Runs `body`; what SQLite is to execute goes through `see`, which may throw. */
function whileSqlite(see: (sql: string) => void, body: () => void): void {
  const { exec, prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (sql: string): void {
    see(sql);
    exec.call(this, sql);
  };
  DatabaseSync.prototype.prepare = function (sql: string): StatementSync {
    see(sql);
    return prepare.call(this, sql);
  };
  try {
    body();
  } finally {
    Object.assign(DatabaseSync.prototype, { exec, prepare });
  }
}

/** What SQLite answers where another connection has the lock. */
function busy(): Error {
  return Object.assign(new Error("database is locked"), { errcode: 5 });
}
