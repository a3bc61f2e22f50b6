/** Look-ups that found nothing: how many are remembered, and for how long. */
import { assertEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { LayeredSessionStore } from "../../../src/stores/layered.ts";
import type { MemorySessionStore } from "../../../src/stores/memory.ts";
import { expiresAt, id, Layers, other, record } from "./setup.ts";

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

  describe("remembers that there is no record", () => {
    it("for missLifetime", () => {
      assertEquals(store.get(id), undefined);
      far.set(id, record, { expiresAt });
      layers.clock += 249;
      assertEquals(store.get(id), undefined);
      layers.clock += 1;
      assertEquals(store.get(id), record);
    });

    it("for no longer when the clock is set back", () => {
      assertEquals(store.get(id), undefined);
      far.set(id, record, { expiresAt });
      layers.clock -= 1;
      assertEquals(store.get(id), record);
    });

    it("until it is set here", () => {
      assertEquals(store.get(id), undefined);
      store.set(id, record, { expiresAt });
      assertEquals(store.get(id), record);
    });

    it("of at most maxMisses ids", () => {
      store = new LayeredSessionStore(near, far, { now, maxMisses: 1 });
      store.get(id);
      store.get(other.id);
      store.get(other.id);
      store.get(id);
      assertEquals(store.lookups, { near: 1, far: 3 });
    });

    it("not at all if missLifetime is 0", () => {
      store = new LayeredSessionStore(near, far, { now, missLifetime: 0 });
      store.get(id);
      store.get(id);
      assertEquals(store.lookups, { near: 0, far: 2 });
    });

    it("not for an aborted look-up, which far may answer with nothing", () => {
      store = new LayeredSessionStore(near, {
        get: (id, options) =>
          options?.signal?.aborted ? undefined : far.get(id),
        set: (id, record, options) => far.set(id, record, options),
        delete: (id, reason) => far.delete(id, reason),
      }, { now });
      far.set(id, record, { expiresAt });
      assertEquals(store.get(id, { signal: AbortSignal.abort() }), undefined);
      assertEquals(store.get(id), record);
    });
  });
});
