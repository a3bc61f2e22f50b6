import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { KvSessionStore } from "../../../src/stores/kv.ts";
import { runAll, WorkerProcess } from "../../support/store_processes.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";

const WORKER = "kv_worker.ts";

let directory = "";
let path = "";

describe("KvSessionStore, shared by processes", () => {
  beforeEach(async () => {
    directory = await Deno.makeTempDir({ prefix: "sesame_" });
    path = `${directory}/sessions.db`;
  });

  afterEach(async () => {
    await Deno.remove(directory, { recursive: true });
  });

  it("gives each session to one process of those that take it", async () => {
    const all = Array.from({ length: 150 }, (_, n) => n);
    using kv = await Deno.openKv(path);
    const store = new KvSessionStore(kv);
    for (const n of all) {
      const { id, record, expiresAt } = numbered(n);
      await store.set(id, record, { expiresAt });
    }
    const taken = await runAll([
      [WORKER, "take", path, 0, 150],
      [WORKER, "take", path, 0, 150],
      [WORKER, "take", path, 0, 150],
    ]);
    assertEquals(taken.flat().sort((a, b) => a - b), all);
    assertEquals(await Array.fromAsync(store.entries()), []);
  });

  it("keeps what was stored when a process is killed while it writes", async () => {
    const first = await WorkerProcess.start(WORKER, "store", path, 0, 1e6);
    await first.begin(0);
    const stored = await first.numbers(60);
    stored.push(...await first.kill());

    using kv = await Deno.openKv(path);
    const store = new KvSessionStore(kv);
    for (const n of stored) {
      assertEquals(await store.get(numbered(n).id), numbered(n).record);
    }
    // The record and the index are one: all can be found by the tag.
    const held = (await Array.fromAsync(store.entries())).length;
    assertEquals(await store.revoke({ tag: "shared" }), held);
    assertEquals(await Array.fromAsync(store.entries()), []);
  });
});
