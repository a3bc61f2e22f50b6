import {
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import {
  SqliteSessionStore,
  type SqliteSessionStoreOptions,
} from "../../src/stores/sqlite.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import { StorePlace } from "../support/store_place.ts";
import { numbered } from "../testdata/numbered_sessions.ts";

const place = new StorePlace("sessions.db");
const { now } = place;

describe("SqliteSessionStore", () => {
  place.forEachTest();

  describe("keeps the promises of SessionStore in memory", () => {
    const checks = checkSessionStore((now) =>
      new SqliteSessionStore(":memory:", { now })
    );
    for (const { name, run } of checks) it(name, run);
  });

  describe("keeps the promises of SessionStore in a file", () => {
    let files = 0;
    const checks = checkSessionStore((now) =>
      new SqliteSessionStore(`${place.folder}/${files++}.db`, { now })
    );
    for (const { name, run } of checks) it(name, run);
  });

  describe("keeps the promises of SessionStore by the system's clock", () => {
    const checks = checkSessionStore(
      () => new SqliteSessionStore(":memory:"),
      { clock: "real" },
    );
    for (const { name, run } of checks) it(name, run);
  });

  it("finds the sessions again after it was closed", () => {
    const { id, record, expiresAt } = numbered(1);
    const store = new SqliteSessionStore(place.path);
    store.set(id, record, { expiresAt });
    store.close();

    const again = new SqliteSessionStore(pathToFileURL(place.path));
    assertEquals(again.get(id), record);
    again.close();
  });

  it("counts only what has not expired", () => {
    const store = new SqliteSessionStore(":memory:", { now });
    put(store, 1, 10);
    put(store, 2, 20);
    place.clock += 9;
    assertEquals(store.size, 2);
    place.clock += 1;
    assertEquals(store.size, 1);
    store.close();
  });

  it("clears expired rows away, four with each set", () => {
    const store = new SqliteSessionStore(place.path, { now });
    for (let n = 0; n < 6; n++) put(store, n, 10);
    put(store, 10, 1_000);
    assertEquals(rows(), 7);
    place.clock += 10;
    put(store, 11, 1_000);
    assertEquals(rows(), 4);
    put(store, 12, 1_000);
    assertEquals(rows(), 3);
    store.close();
  });

  describe("while another connection writes", () => {
    it("reads on, and fails to write after busyTimeout", () => {
      const store = new SqliteSessionStore(place.path, {
        busyTimeout: 60,
        now,
      });
      put(store, 1, 1_000);
      const { id, record } = numbered(1);
      const other = new DatabaseSync(place.path);
      other.exec("BEGIN IMMEDIATE");

      assertEquals(store.get(id), record);
      const start = performance.now();
      assertThrows(
        () => put(store, 2, 1_000),
        Error,
        "Cannot store the session: database is locked",
      );
      assertGreaterOrEqual(performance.now() - start, 55);
      assertThrows(
        () => store.take(id),
        Error,
        "Cannot take the session: database is locked",
      );

      other.close();
      put(store, 2, 1_000);
      assertEquals(store.size, 2);
      store.close();
    });

    it("stores nothing where it can't finish", () => {
      const store = new SqliteSessionStore(place.path, { now });
      const file = new DatabaseSync(place.path);
      file.exec(
        `CREATE TRIGGER failing BEFORE DELETE ON sessions
         BEGIN SELECT raise(ABORT, 'disk on fire'); END`,
      );
      put(store, 1, 10);
      place.clock += 10;
      assertThrows(
        () => put(store, 2, 1_000),
        Error,
        "Cannot store the session: disk on fire",
      );
      assertEquals(rows(), 1);
      file.exec("DROP TRIGGER failing");
      file.close();
      put(store, 2, 1_000);
      assertEquals(rows(), 1);
      store.close();
    });
  });

  it("gives out and removes nothing where it can't commit", async () => {
    const store = new SqliteSessionStore(place.path, { now });
    const { id, record } = numbered(1);
    const options = { expiresAt: new Date(place.clock + 1_000), tag: "alice" };
    store.set(id, record, options);
    // As on a full disk, no commit that removes the session succeeds.
    const file = new DatabaseSync(place.path);
    file.exec(
      `CREATE TABLE holders (
         id BLOB REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED
       )`,
    );
    file.prepare("INSERT INTO holders VALUES (?)").run(id);
    const removals: [string, () => unknown][] = [
      ["take the session", () => store.take(id)],
      ["remove the session", () => store.delete(id, "fatal")],
      ["revoke the sessions", () => store.revoke({ tag: "alice" })],
      [
        "store the session",
        () => store.set(id, record, { expiresAt: new Date(place.clock) }),
      ],
    ];
    for (const [what, remove] of removals) {
      const message = `Cannot ${what}: FOREIGN KEY constraint failed`;
      assertThrows(remove, Error, message);
      assertEquals(store.get(id), record);
    }
    place.clock += 1_000;
    await assertRejects(() => store.purge(), Error, "Cannot remove expired");
    file.exec("DROP TABLE holders");
    file.close();
    assertEquals(await store.purge(), 1);
    store.close();
  });

  it("can be closed twice, and says so when it is used after", () => {
    const { id, record, expiresAt } = numbered(1);
    const closings: ((store: SqliteSessionStore) => void)[] = [
      (store) => store.close(),
      (store) => store[Symbol.dispose](),
    ];
    const uses: [string, (store: SqliteSessionStore) => unknown][] = [
      ["look up the session", (store) => store.get(id)],
      ["store the session", (store) => store.set(id, record, { expiresAt })],
      ["remove the session", (store) => store.delete(id, "fatal")],
      ["take the session", (store) => store.take(id)],
      ["count the sessions", (store) => store.size],
    ];
    for (const close of closings) {
      const store = new SqliteSessionStore(place.path);
      close(store);
      close(store);
      for (const [what, use] of uses) {
        const message = `Cannot ${what}: the session store is closed`;
        assertThrows(() => use(store), Error, message);
      }
    }
  });

  describe("refuses an invalid argument:", () => {
    const wrong: [string, unknown, object, string][] = [
      [
        "an empty path",
        "",
        {},
        'path must be a URL or a non-empty string, received ""',
      ],
      [
        "a number for a path",
        1,
        {},
        "path must be a URL or a non-empty string, received 1",
      ],
      [
        "a negative busyTimeout",
        ":memory:",
        { busyTimeout: -1 },
        "busyTimeout must be a whole number of at least 0, received -1",
      ],
      [
        "a text for busyTimeout",
        ":memory:",
        { busyTimeout: "1" },
        'busyTimeout must be a number, received "1"',
      ],
      [
        "an unknown synchronous",
        ":memory:",
        { synchronous: "off" },
        'synchronous must be "normal" or "full", received "off"',
      ],
    ];
    for (const [what, path, options, message] of wrong) {
      it(what, () => {
        const create = (): unknown =>
          new SqliteSessionStore(
            path as string,
            options as SqliteSessionStoreOptions,
          );
        assertThrows(
          create,
          Error,
          message,
        );
      });
    }
  });
});

/** Stores the `n`th session for `lifetime` ms. */
function put(store: SqliteSessionStore, n: number, lifetime: number): void {
  const { id, record } = numbered(n);
  store.set(id, record, { expiresAt: new Date(place.clock + lifetime) });
}

/** How many rows the file holds, whatever their expiry. */
function rows(): number {
  const file = new DatabaseSync(place.path);
  const row = file.prepare("SELECT count(*) AS n FROM sessions").get();
  file.close();
  return Number(row?.["n"]);
}
