import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DirectorySessionStore } from "../../../src/stores/directory.ts";
import { checkSessionStore } from "../../../src/testing/store_conformance.ts";
import { StorePlace } from "../../support/store_place.ts";
import { twoStores } from "../../support/two_stores.ts";
import { runAll, WorkerProcess } from "../../support/store_processes.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";

const WORKER = "directory_worker.ts";

const place = new StorePlace("sessions");

describe("DirectorySessionStore, shared", () => {
  place.forEachTest();

  describe("keeps the promises of SessionStore over two objects", () => {
    let stores = 0;
    const checks = checkSessionStore((now) => {
      const path = `${place.folder}/${stores++}`;
      const open = (): DirectorySessionStore =>
        new DirectorySessionStore(path, { now });
      return twoStores(open(), open());
    });
    for (const { name, run } of checks) it(name, run);
  });

  it("loses nothing when several processes make it and write to it", async () => {
    const written = await runAll([
      [WORKER, "store", place.path, 0, 100],
      [WORKER, "store", place.path, 100, 100],
      [WORKER, "store", place.path, 200, 100],
    ]);
    const store = new DirectorySessionStore(place.path);
    for (const numbers of written) assertEquals(numbers.length, 100);
    for (const n of written.flat()) {
      assertEquals(await store.get(numbered(n).id), numbered(n).record);
    }
    assertEquals(await store.revoke({ tag: "shared" }), 300);
  });

  it("gives each session to one process of those that take it", async () => {
    const all = Array.from({ length: 300 }, (_, n) => n);
    const store = new DirectorySessionStore(place.path);
    for (const n of all) {
      const { id, record, expiresAt } = numbered(n);
      await store.set(id, record, { expiresAt });
    }
    const taken = await runAll([
      [WORKER, "take", place.path, 0, 300],
      [WORKER, "take", place.path, 0, 300],
      [WORKER, "take", place.path, 0, 300],
    ]);
    assertEquals(taken.flat().sort((a, b) => a - b), all);
    assertEquals(await Array.fromAsync(Deno.readDir(place.path)), []);
  });

  it("returns only whole records while others replace them", async () => {
    const store = new DirectorySessionStore(place.path);
    const writers = [
      await WorkerProcess.start(WORKER, "replace", place.path, 0, 1_000_000),
      await WorkerProcess.start(WORKER, "replace", place.path, 0, 1_000_000),
    ];
    try {
      for (const writer of writers) await writer.begin(0);
      for (const writer of writers) await writer.numbers(10);
      for (let i = 0; i < 2_000; i++) {
        const record = await store.get(numbered(i % 10).id);
        assert(record, `session ${i % 10} is gone`);
        const n = numberIn(record);
        assertEquals(record, numbered(n).record);
      }
    } finally {
      for (const writer of writers) await writer.kill();
    }
  });

  it("keeps what was stored when a process is killed while it writes", async () => {
    for (let round = 0; round < 3; round++) {
      const first = round * 1_000_000;
      const worker = await WorkerProcess.start(
        ...[WORKER, "store", place.path, first, 1_000_000] as const,
      );
      await worker.begin(0);
      const stored = await worker.numbers(100 + round * 37);
      stored.push(...await worker.kill());

      const store = new DirectorySessionStore(place.path);
      for (const n of stored) {
        assertEquals(await store.get(numbered(n).id), numbered(n).record);
      }
      // The last one may have been stored without having been printed.
      const held = (await Array.fromAsync(store.entries())).length;
      assert(held - stored.length <= 1, `${held} held, ${stored.length} said`);
      assertEquals(await store.revoke({ tag: "shared" }), held);
    }
  });
});

/** The number that a record begins with. */
function numberIn({ buffer }: Uint8Array): number {
  return new DataView(buffer).getUint32(0);
}
