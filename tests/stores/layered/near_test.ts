/** What is answered by the near store, and for how long. */
import { assertEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { LayeredSessionStore } from "../../../src/stores/layered.ts";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import { later } from "../../testdata/worker_store_later.ts";
import { expiresAt, Gate, id, Layers, other, record, START } from "./setup.ts";

let layers: Layers;
const now = (): number => layers.clock;
let near: MemorySessionStore;
let far: MemorySessionStore;
let store: LayeredSessionStore;

describe("LayeredSessionStore", () => {
  beforeEach(() => {
    layers = new Layers();
    ({ near, far, store } = layers);
  });

  describe("answers from near", () => {
    it("what was set here, until it is stale", () => {
      store.set(id, record, { expiresAt });
      far.delete(id, "revoked");
      layers.clock += 999;
      assertEquals(store.get(id), record);
      layers.clock += 1;
      assertEquals(store.get(id), undefined);
      assertEquals(store.lookups, { near: 1, far: 1 });
    });

    it("what came from far, until it is stale since it was asked", async () => {
      const gate = new Gate();
      store = new LayeredSessionStore(near, later(far, gate.wait), { now });
      far.set(id, record, { expiresAt });
      const pending = store.get(id);
      layers.clock += 400;
      gate.open();
      assertEquals(await pending, record);
      far.delete(id, "revoked");
      layers.clock += 599;
      assertEquals(await store.get(id), record);
      layers.clock += 1;
      assertEquals(await store.get(id), undefined);
    });

    it("for no longer when the clock is set back", () => {
      store.set(id, record, { expiresAt });
      far.delete(id, "revoked");
      layers.clock -= 1;
      assertEquals(store.get(id), undefined);
    });

    it("never a record whose expiry it was told", () => {
      const soon = new Date(START + 1_500);
      store.set(id, record, { expiresAt: soon });
      layers.clock += 1_400;
      assertEquals(store.get(id), record);
      assertEquals(store.lookups, { near: 0, far: 1 });
      // A far store whose clock is slow.
      far.set(id, record, { expiresAt });
      layers.clock += 99;
      assertEquals(store.get(id), record);
      assertEquals(store.lookups, { near: 1, far: 1 });
      layers.clock += 1;
      assertEquals(store.get(id), record);
      assertEquals(store.lookups, { near: 1, far: 2 });
    });

    it("a record that was stored elsewhere after the one here expired", () => {
      store.set(id, record, { expiresAt: new Date(START + 50) });
      layers.clock += 50;
      far.set(id, other.record, { expiresAt });
      assertEquals(store.get(id), other.record);
      assertEquals(store.get(id), other.record);
      assertEquals(store.lookups, { near: 1, far: 1 });
    });

    it("nothing if maxStaleness is 0", () => {
      let calls = 0;
      const counting = later(near, () => Promise.resolve(void calls++));
      store = new LayeredSessionStore(counting, far, { now, maxStaleness: 0 });
      store.set(id, record, { expiresAt });
      assertEquals(store.get(id), record);
      assertEquals(calls, 0);
    });

    it("one copy, though two asked for it at the same time", async () => {
      store = new LayeredSessionStore(near, later(far), { now });
      far.set(id, record, { expiresAt });
      await Promise.all([store.get(id), store.get(id)]);
      assertEquals(near.size, 1);
    });

    it("nothing that it held before", () => {
      near.set(id, record, { expiresAt });
      assertEquals(store.get(id), undefined);
    });

    it("not more than maxEntries records", () => {
      store = new LayeredSessionStore(near, far, { now, maxEntries: 1 });
      store.set(id, record, { expiresAt });
      store.set(other.id, other.record, { expiresAt });
      assertEquals(near.size, 1);
      store.get(id);
      assertEquals(store.lookups, { near: 0, far: 1 });
    });

    it("a record past its expiry that isn't known, for maxStaleness", () => {
      const soon = { expiresAt: new Date(START + 1_500) };
      const losses: ((id: Uint8Array) => void)[] = [
        () => store.clear(),
        () => store.set(other.id, other.record, { expiresAt }),
      ];
      for (const lose of losses) {
        layers.clock = START;
        far = new MemorySessionStore({ now });
        store = new LayeredSessionStore(near, far, { now, maxEntries: 1 });
        store.set(id, record, soon);
        lose(id);
        layers.clock += 1_400;
        assertEquals(store.get(id), record);
        layers.clock += 999;
        assertEquals(store.get(id), record);
        layers.clock += 1;
        assertEquals(store.get(id), undefined);
      }
    });

    it("nothing after clear", () => {
      store.set(id, record, { expiresAt });
      store.get(other.id);
      store.clear();
      assertEquals(near.size, 0);
      store.get(id);
      store.get(other.id);
      assertEquals(store.lookups, { near: 0, far: 3 });
    });
  });
});
