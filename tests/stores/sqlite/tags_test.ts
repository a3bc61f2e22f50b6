import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DatabaseSync } from "node:sqlite";
import type { SessionEntry } from "../../../src/stores/session_store.ts";
import { SqliteSessionStore } from "../../../src/stores/sqlite.ts";
import { StorePlace } from "../../support/store_place.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";

const place = new StorePlace("sessions.db");
const { now } = place;

describe("SqliteSessionStore", () => {
  place.forEachTest();

  it("revokes what has the tag, and counts what was alive of it", () => {
    const store = new SqliteSessionStore(place.path, { now });
    put(store, 1, 10, "alice");
    put(store, 2, 1_000, "alice");
    put(store, 3, 1_000, "bob");
    put(store, 4, 1_000);
    place.clock += 10;
    const other = new SqliteSessionStore(place.path, { now });
    assertEquals(other.revoke({ tag: "alice" }), 1);
    assertEquals(other.revoke({ tag: "alice" }), 0);
    assertEquals(held(store), [3, 4]);
    assertEquals(rows(), 2);
    other.close();
    store.close();
  });

  it("finds a tag's sessions by an index", () => {
    new SqliteSessionStore(place.path).close();
    const file = new DatabaseSync(place.path);
    const [step] = file.prepare(
      "EXPLAIN QUERY PLAN DELETE FROM sessions WHERE tag = ?",
    ).all(new Uint8Array([1]));
    file.close();
    const detail = "SEARCH sessions USING INDEX sessions_by_tag (tag=?)";
    assertEquals(String(step?.["detail"]).replace("COVERING ", ""), detail);
  });

  it("refuses a tag that is none, and leaves the record as it was", () => {
    const store = new SqliteSessionStore(place.path, { now });
    put(store, 1, 1_000, "alice");
    for (const tag of ["", "a".repeat(257), "\ud800"]) {
      const message = "tag must be 1 to 256 bytes of well-formed UTF-8";
      assertThrows(() => put(store, 1, 500, tag), RangeError, message);
      assertThrows(() => store.revoke({ tag }), RangeError, message);
    }
    assertEquals(held(store), [1]);
    assertEquals(store.revoke({ tag: "alice" }), 1);
    store.close();
  });

  describe("lists its entries", () => {
    it("with all that it knows of them", async () => {
      const store = new SqliteSessionStore(place.path, { now });
      put(store, 1, 10, "\ufeffa\0b");
      put(store, 2, 20);
      const { id, record } = numbered(3);
      store.set(id, record.subarray(0, 5), {
        expiresAt: new Date(place.clock + 1),
      });
      place.clock += 1;
      assertEquals(await Array.fromAsync(store.entries()), [
        {
          id: numbered(1).id,
          expiresAt: new Date(place.clock + 9),
          tag: "\ufeffa\0b",
          size: 1_001,
        },
        {
          id: numbered(2).id,
          expiresAt: new Date(place.clock + 19),
          size: 1_002,
        },
      ]);
      store.close();
    });

    for (const count of [99, 100, 101, 350]) {
      it(`all ${count} of them, each once`, async () => {
        const store = new SqliteSessionStore(":memory:", { now });
        const all = Array.from({ length: count }, (_, n) => n);
        for (const n of all) put(store, n, 1_000);
        const found: number[] = [];
        for await (const entry of store.entries()) {
          found.push(numberOf(entry));
          entry.id.fill(255);
        }
        assertEquals(found, all);
        store.close();
      });
    }

    it("and locks nothing meanwhile", async () => {
      const store = new SqliteSessionStore(place.path, { now });
      for (let n = 0; n < 250; n++) put(store, n, 1_000);
      const other = new SqliteSessionStore(place.path, { now, busyTimeout: 0 });
      const file = new DatabaseSync(place.path);
      const found: number[] = [];
      for await (const entry of store.entries()) {
        const n = numberOf(entry);
        found.push(n);
        if (n !== 50) continue;
        other.delete(numbered(49).id, "revoked");
        other.delete(numbered(150).id, "revoked");
        put(other, 300, 1_000);
        // Fails to empty the log where someone reads from it.
        const log = file.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
        assertEquals(log?.["busy"], 0);
      }
      const expected = Array.from({ length: 250 }, (_, n) => n);
      assertEquals(found, [...expected.filter((n) => n !== 150), 300]);
      file.close();
      other.close();
      store.close();
    });

    it("but none that expires while listing", async () => {
      const store = new SqliteSessionStore(":memory:", { now });
      for (const n of [1, 2, 3]) put(store, n, n * 10);
      const found: number[] = [];
      for await (const entry of store.entries()) {
        found.push(numberOf(entry));
        place.clock += 20;
      }
      assertEquals(found, [1, 3]);
      store.close();
    });
  });

  describe("purges", () => {
    it("all that has expired, and says how much that was", async () => {
      const store = new SqliteSessionStore(place.path, { now });
      for (let n = 0; n < 1_201; n++) put(store, n, 10);
      for (let n = 2_000; n < 2_003; n++) put(store, n, 1_000);
      assertEquals(await store.purge(), 0);
      place.clock += 10;
      assertEquals(await store.purge(), 1_201);
      assertEquals(await store.purge(), 0);
      assertEquals(rows(), 3);
      store.close();
    });

    it("in steps between which others write", async () => {
      const store = new SqliteSessionStore(place.path, { now });
      for (let n = 0; n < 1_600; n++) put(store, n, 10);
      place.clock += 10;
      const other = new SqliteSessionStore(place.path, { now, busyTimeout: 0 });
      const purge = store.purge();
      assertEquals(rows(), 1_100);
      put(other, 2_000, 1_000);
      assertEquals(rows(), 1_097);
      assertEquals(await purge, 1_596);
      assertEquals(rows(), 1);
      other.close();
      store.close();
    });

    it("no further once the store is closed", async () => {
      const store = new SqliteSessionStore(place.path, { now });
      for (let n = 0; n < 600; n++) put(store, n, 10);
      place.clock += 10;
      const purge = store.purge();
      store.close();
      assertEquals(await purge, 500);
      assertEquals(rows(), 100);
    });
  });

  it("says that it is closed", async () => {
    const store = new SqliteSessionStore(place.path);
    store.close();
    const closed = "the session store is closed";
    assertThrows(
      () => store.revoke({ tag: "alice" }),
      Error,
      `Cannot revoke the sessions: ${closed}`,
    );
    await assertRejects(
      () => store.purge(),
      Error,
      `Cannot remove expired sessions: ${closed}`,
    );
    await assertRejects(
      () => Array.fromAsync(store.entries()),
      Error,
      `Cannot list the sessions: ${closed}`,
    );
  });
});

/** Stores the `n`th session for `lifetime` ms. */
function put(
  store: SqliteSessionStore,
  n: number,
  lifetime: number,
  tag?: string,
): void {
  const { id, record } = numbered(n);
  const expiresAt = new Date(place.clock + lifetime);
  const options = tag === undefined ? { expiresAt } : { expiresAt, tag };
  store.set(id, record, options);
}

function held(store: SqliteSessionStore): number[] {
  return [1, 2, 3, 4].filter((n) => store.get(numbered(n).id) !== undefined);
}

function numberOf({ id }: SessionEntry): number {
  return new DataView(id.buffer, id.byteOffset).getUint32(0);
}

/** How many rows the file holds, whatever their expiry. */
function rows(): number {
  const file = new DatabaseSync(place.path);
  const row = file.prepare("SELECT count(*) AS n FROM sessions").get();
  file.close();
  return Number(row?.["n"]);
}
