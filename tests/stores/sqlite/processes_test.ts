import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DatabaseSync } from "node:sqlite";
import { SqliteSessionStore } from "../../../src/stores/sqlite.ts";
import { checkSessionStore } from "../../../src/testing/store_conformance.ts";
import { StorePlace } from "../../support/store_place.ts";
import { twoStores } from "../../support/two_stores.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";
import { makeVersion1 } from "../../testdata/sqlite_version_1.ts";
import { runAll, WorkerProcess } from "../../support/store_processes.ts";

const WORKER = "sqlite_worker.ts";

const place = new StorePlace("sessions.db");

describe("SqliteSessionStore, shared", () => {
  place.forEachTest();

  describe("keeps the promises of SessionStore over two connections", () => {
    let files = 0;
    const checks = checkSessionStore((now) => {
      const path = `${place.folder}/${files++}.db`;
      const open = (): SqliteSessionStore =>
        new SqliteSessionStore(path, { now });
      return twoStores(open(), open());
    });
    for (const { name, run } of checks) it(name, run);
  });

  it("shows each store what the others do", () => {
    const one = new SqliteSessionStore(place.path);
    const other = new SqliteSessionStore(place.path);
    const { id, record, expiresAt } = numbered(1);

    one.set(id, record, { expiresAt });
    assertEquals(other.get(id), record);
    other.delete(id, "revoked");
    assertEquals(one.get(id), undefined);

    one.set(id, record, { expiresAt });
    assertEquals(other.take(id), record);
    assertEquals(one.take(id), undefined);
    assertEquals(one.size, 0);
    one.close();
    other.close();
  });

  it("loses nothing when several processes write to a new file", async () => {
    const written = await runAll([
      [WORKER, "store", place.path, 0, 100],
      [WORKER, "store", place.path, 100, 100],
      [WORKER, "store", place.path, 200, 100],
      [WORKER, "store", place.path, 300, 100],
    ]);
    const store = new SqliteSessionStore(place.path);
    for (const numbers of written) assertEquals(numbers.length, 100);
    for (const n of written.flat()) {
      assertEquals(store.get(numbered(n).id), numbered(n).record);
    }
    assertEquals(store.size, 400);
    assertEquals(store.revoke({ tag: "shared" }), 400);
    assertEquals(store.size, 0);
    store.close();
  });

  it("gives each session to one process of those that take it", async () => {
    const store = new SqliteSessionStore(place.path);
    const all = Array.from({ length: 300 }, (_, n) => n);
    for (const n of all) {
      const { id, record, expiresAt } = numbered(n);
      store.set(id, record, { expiresAt });
    }
    const taken = await runAll([
      [WORKER, "take", place.path, 0, 300],
      [WORKER, "take", place.path, 0, 300],
      [WORKER, "take", place.path, 0, 300],
      [WORKER, "take", place.path, 0, 300],
    ]);
    assertEquals(taken.flat().sort((a, b) => a - b), all);
    assertEquals(store.size, 0);
    store.close();
  });

  it("makes a file once when several make it at the same moment", async () => {
    const numbers = await runAll([
      [WORKER, "open", place.path, 0, 25],
      [WORKER, "open", place.path, 0, 25],
      [WORKER, "open", place.path, 0, 25],
    ]);
    assertEquals(numbers.map(({ length }) => length), [25, 25, 25]);
  });

  it("brings a file up to date once when several open it at the same moment", async () => {
    const files = Array.from({ length: 25 }, (_, n) => n);
    for (const n of files) {
      makeVersion1(`${place.path}.${n}`, [n]).database.close();
    }
    const numbers = await runAll([
      [WORKER, "open", place.path, 0, 25],
      [WORKER, "open", place.path, 0, 25],
      [WORKER, "open", place.path, 0, 25],
    ]);
    assertEquals(numbers, [files, files, files]);
    for (const n of files) {
      const store = new SqliteSessionStore(`${place.path}.${n}`);
      assertEquals(store.get(numbered(n).id), numbered(n).record);
      store.close();
    }
  });

  it("keeps what was stored when a process is killed while it writes", async () => {
    for (let round = 0; round < 4; round++) {
      const first = round * 1_000_000;
      const writer = await WorkerProcess.start(
        WORKER,
        "store",
        place.path,
        first,
        1_000_000,
      );
      await writer.begin(0);
      const stored = await writer.numbers(100 + round * 37);
      stored.push(...await writer.kill());

      checkIntegrity();
      const store = new SqliteSessionStore(place.path);
      for (const n of stored) {
        assertEquals(store.get(numbered(n).id), numbered(n).record);
      }
      const { id, record, expiresAt } = numbered(first + 999_999);
      store.set(id, record, { expiresAt });
      assertEquals(store.get(id), record);
      assertGreaterOrEqual(store.revoke({ tag: "shared" }), stored.length);
      store.close();
    }
  });
});

function checkIntegrity(): void {
  const database = new DatabaseSync(place.path);
  const rows = database.prepare("PRAGMA integrity_check").all();
  database.close();
  assertEquals(rows.map((row) => ({ ...row })), [{ integrity_check: "ok" }]);
}
