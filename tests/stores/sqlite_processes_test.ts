import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { DatabaseSync } from "node:sqlite";
import { SqliteSessionStore } from "../../src/stores/sqlite.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import { numbered } from "../testdata/numbered_sessions.ts";
import { makeVersion1 } from "../testdata/sqlite_version_1.ts";
import { runAll, WorkerProcess } from "../support/store_processes.ts";

const WORKER = "sqlite_worker.ts";

let directory = "";
let path = "";

describe("SqliteSessionStore, shared", () => {
  beforeEach(async () => {
    directory = await Deno.makeTempDir({ prefix: "sesame_" });
    path = `${directory}/sessions.db`;
  });

  afterEach(async () => {
    await Deno.remove(directory, { recursive: true });
  });

  describe("keeps the promises of SessionStore over two connections", () => {
    let files = 0;
    const checks = checkSessionStore((now) => {
      const path = `${directory}/${files++}.db`;
      const one = new SqliteSessionStore(path, { now });
      const other = new SqliteSessionStore(path, { now });
      return {
        get: (id) => other.get(id),
        set: (id, record, options) => one.set(id, record, options),
        delete: (id, reason) => one.delete(id, reason),
        take: (id) => other.take(id),
        revoke: (options) => one.revoke(options),
        entries: () => other.entries(),
        purge: () => one.purge(),
        [Symbol.dispose]: (): void =>
          [one, other].forEach((store) => store.close()),
      };
    });
    for (const { name, run } of checks) it(name, run);
  });

  it("shows each store what the others do", () => {
    const one = new SqliteSessionStore(path);
    const other = new SqliteSessionStore(path);
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
      [WORKER, "store", path, 0, 100],
      [WORKER, "store", path, 100, 100],
      [WORKER, "store", path, 200, 100],
      [WORKER, "store", path, 300, 100],
    ]);
    const store = new SqliteSessionStore(path);
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
    const store = new SqliteSessionStore(path);
    const all = Array.from({ length: 300 }, (_, n) => n);
    for (const n of all) {
      const { id, record, expiresAt } = numbered(n);
      store.set(id, record, { expiresAt });
    }
    const taken = await runAll([
      [WORKER, "take", path, 0, 300],
      [WORKER, "take", path, 0, 300],
      [WORKER, "take", path, 0, 300],
      [WORKER, "take", path, 0, 300],
    ]);
    assertEquals(taken.flat().sort((a, b) => a - b), all);
    assertEquals(store.size, 0);
    store.close();
  });

  it("makes a file once when several make it at the same moment", async () => {
    const numbers = await runAll([
      [WORKER, "open", path, 0, 25],
      [WORKER, "open", path, 0, 25],
      [WORKER, "open", path, 0, 25],
    ]);
    assertEquals(numbers.map(({ length }) => length), [25, 25, 25]);
  });

  it("brings a file up to date once when several open it at the same moment", async () => {
    const files = Array.from({ length: 25 }, (_, n) => n);
    for (const n of files) makeVersion1(`${path}.${n}`, [n]).database.close();
    const numbers = await runAll([
      [WORKER, "open", path, 0, 25],
      [WORKER, "open", path, 0, 25],
      [WORKER, "open", path, 0, 25],
    ]);
    assertEquals(numbers, [files, files, files]);
    for (const n of files) {
      const store = new SqliteSessionStore(`${path}.${n}`);
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
        path,
        first,
        1_000_000,
      );
      await writer.begin(0);
      const stored = await writer.numbers(100 + round * 37);
      stored.push(...await writer.kill());

      checkIntegrity();
      const store = new SqliteSessionStore(path);
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
  const database = new DatabaseSync(path);
  const rows = database.prepare("PRAGMA integrity_check").all();
  database.close();
  assertEquals(rows.map((row) => ({ ...row })), [{ integrity_check: "ok" }]);
}
