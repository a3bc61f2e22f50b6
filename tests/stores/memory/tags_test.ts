import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { MemorySessionStore } from "../../../src/stores/memory.ts";

const START = Date.UTC(2030, 0, 1);
const HOUR = 3_600_000;

let clock = START;
const now = (): number => clock;

describe("MemorySessionStore", () => {
  beforeEach(() => {
    clock = START;
  });

  describe("revokes", () => {
    it("what has the tag, and says how much that was", () => {
      const store = new MemorySessionStore({ now });
      for (const n of [1, 2, 3]) put(store, n, "alice");
      put(store, 4, "bob");
      assertEquals(store.revoke({ tag: "alice" }), 3);
      assertEquals(held(store), [4]);
      assertEquals(store.revoke({ tag: "alice" }), 0);
    });

    it("nothing that was removed before", () => {
      const store = new MemorySessionStore({ maxEntries: 5, now });
      for (const n of [1, 2, 3, 4, 5]) put(store, n, "alice", n * 10);
      put(store, 6, "alice");
      store.delete(id(3), "fatal");
      store.take(id(4));
      clock += 20;
      assertEquals(store.revoke({ tag: "alice" }), 2);
      put(store, 1, "alice");
      store.clear();
      assertEquals(store.revoke({ tag: "alice" }), 0);
    });

    it("by the tag that was set last", () => {
      const store = new MemorySessionStore({ now });
      put(store, 1, "alice");
      put(store, 1, "bob");
      put(store, 2, "alice");
      put(store, 2);
      assertEquals(store.revoke({ tag: "alice" }), 0);
      assertEquals(held(store), [1, 2]);
      assertEquals(store.revoke({ tag: "bob" }), 1);
      assertEquals(held(store), [2]);
    });

    it("without a look at what has other tags", () => {
      const store = new MemorySessionStore({ now, maxEntries: 100_000 });
      for (let n = 0; n < 50_000; n++) put(store, n, `user ${n}`);
      const start = performance.now();
      for (let n = 0; n < 50_000; n++) store.revoke({ tag: `user ${n}` });
      // A second at the most; a walk through all would take minutes.
      assertLess(performance.now() - start, 20_000);
      assertEquals(store.size, 0);
    });
  });

  describe("counts tags among its bytes", () => {
    it("in UTF-8, and until their records have gone", () => {
      const store = new MemorySessionStore({ now });
      put(store, 1, "\u{1f642}", 10);
      put(store, 2, "abc");
      put(store, 3, "abc");
      assertEquals(store.bytes, 3 * 33 + 4 + 3 + 3);
      clock += 10;
      assertEquals(store.bytes, 2 * 33 + 3 + 3);
      store.delete(id(2), "fatal");
      assertEquals(store.bytes, 33 + 3);
      put(store, 3);
      assertEquals(store.bytes, 33);
    });

    it("and drops records to stay within maxBytes", () => {
      const store = new MemorySessionStore({ now, maxBytes: 300 });
      for (const n of [1, 2, 3]) put(store, n);
      put(store, 4, "a".repeat(256));
      assertEquals(held(store), [4]);
      put(store, 5, "\u00e9".repeat(128));
      assertEquals(held(store), [5]);
      const expiresAt = new Date(clock + HOUR);
      const tag = "a".repeat(256);
      store.set(id(6), new Uint8Array(13), { expiresAt, tag });
      assertEquals(held(store), [5]);
    });
  });

  describe("lists its entries", () => {
    it("the least recently used first, without changing their order", async () => {
      const store = new MemorySessionStore({ now, maxEntries: 3 });
      for (const n of [1, 2]) put(store, n, "alice", 10);
      put(store, 3);
      store.get(id(1));
      assertEquals(await Array.fromAsync(store.entries()), [
        { id: id(2), expiresAt: new Date(clock + 10), tag: "alice", size: 1 },
        { id: id(3), expiresAt: new Date(clock + HOUR), size: 1 },
        { id: id(1), expiresAt: new Date(clock + 10), tag: "alice", size: 1 },
      ]);
      put(store, 4);
      assertEquals(held(store), [1, 3, 4]);
    });

    it("to the end, though each is used and others come", async () => {
      const store = new MemorySessionStore({ now });
      for (const n of [1, 2, 3, 4]) put(store, n);
      const found: (number | undefined)[] = [];
      for await (const entry of store.entries()) {
        found.push(entry.id[0]);
        store.get(entry.id);
        store.delete(id(2), "fatal");
        put(store, 3, "alice");
        put(store, 9);
      }
      assertEquals(found, [1, 3, 4]);
    });

    it("but none that expires while listing", async () => {
      const store = new MemorySessionStore({ now });
      for (const n of [1, 2, 3]) put(store, n, "alice", n * 10);
      const found: (number | undefined)[] = [];
      for await (const entry of store.entries()) {
        found.push(entry.id[0]);
        clock += 20;
      }
      assertEquals(found, [1, 3]);
    });
  });

  it("purges what has expired, and says how much that was", () => {
    const store = new MemorySessionStore({ now });
    for (const n of [1, 2, 3]) put(store, n, "alice", n * 10);
    assertEquals(store.purge(), 0);
    clock += 20;
    assertEquals(store.purge(), 2);
    assertEquals(store.purge(), 0);
    assertEquals(held(store), [3]);
  });

  it("keeps a record whose new tag it refuses", () => {
    const store = new MemorySessionStore({ now });
    put(store, 1, "alice");
    for (const tag of ["", "a".repeat(257), "\ud800"]) {
      const expiresAt = new Date(clock + HOUR);
      assertThrows(
        () => store.set(id(1), new Uint8Array(9), { expiresAt, tag }),
        RangeError,
        "tag must be 1 to 256 bytes of well-formed UTF-8",
      );
      assertThrows(() => store.revoke({ tag }), RangeError, "tag must be");
    }
    const tag = 1 as unknown as string;
    assertThrows(
      () => store.revoke({ tag }),
      TypeError,
      "tag must be a string, received 1",
    );
    assertEquals(store.get(id(1)), Uint8Array.of(1));
    assert(store.revoke({ tag: "alice" }) === 1);
  });
});

function id(n: number): Uint8Array {
  const id = new Uint8Array(32).fill(n);
  new DataView(id.buffer).setUint32(1, n);
  return id;
}

function put(
  store: MemorySessionStore,
  n: number,
  tag?: string,
  lifetime = HOUR,
): void {
  const expiresAt = new Date(clock + lifetime);
  const options = tag === undefined ? { expiresAt } : { expiresAt, tag };
  store.set(id(n), Uint8Array.of(n), options);
}

function held(store: MemorySessionStore): number[] {
  return [1, 2, 3, 4, 5, 6].filter((n) => store.get(id(n)) !== undefined);
}
