import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";

const START = Date.UTC(2030, 0, 1);
const HOUR = 3_600_000;

let clock = START;
const now = (): number => clock;

describe("MemorySessionStore", () => {
  beforeEach(() => {
    clock = START;
  });

  describe("keeps the promises of SessionStore", () => {
    const checks = checkSessionStore((now) => new MemorySessionStore({ now }));
    for (const { name, run } of checks) it(name, run);
  });

  it("reads the system's clock by default", () => {
    const store = new MemorySessionStore();
    store.set(id(1), id(1), { expiresAt: new Date(Date.now() + HOUR) });
    store.set(id(2), id(2), { expiresAt: new Date(Date.now() - 1) });
    assertEquals(store.get(id(1)), id(1));
    assertEquals(store.get(id(2)), undefined);
  });

  it("holds 20,480 records by default", () => {
    const store = new MemorySessionStore({ now });
    for (let n = 0; n <= 20_480; n++) {
      const id = new Uint8Array(new Uint32Array([n]).buffer);
      store.set(id, id, { expiresAt: new Date(clock + HOUR) });
    }
    assertEquals(store.size, 20_480);
  });

  describe("when it is full", () => {
    it("drops the record least recently stored or looked up", () => {
      const store = new MemorySessionStore({ maxEntries: 3, now });
      for (const n of [1, 2, 3]) put(store, n);
      store.get(id(1));
      put(store, 2);
      put(store, 4);
      assertEquals(held(store), [1, 2, 4]);
    });

    it("drops what has expired before what has not", () => {
      const store = new MemorySessionStore({ maxEntries: 3, now });
      put(store, 1);
      put(store, 2, { lifetime: 10 });
      put(store, 3);
      store.get(id(2));
      clock += 10;
      put(store, 4);
      assertEquals(held(store), [1, 3, 4]);
    });

    it("drops as many records as it takes to stay within maxBytes", () => {
      const store = new MemorySessionStore({ maxBytes: 130, now });
      for (const n of [1, 2, 3]) put(store, n, { bytes: 10 });
      assertEquals(store.bytes, 126);
      put(store, 4, { bytes: 50 });
      assertEquals(held(store), [3, 4]);
      assertEquals(store.bytes, 124);
    });

    it("stores no record larger than maxBytes", () => {
      const store = new MemorySessionStore({ maxBytes: 100, now });
      put(store, 1, { bytes: 10 });
      put(store, 2, { bytes: 20 });
      put(store, 2, { bytes: 69 });
      assertEquals(held(store), [1]);
      put(store, 2, { bytes: 68 });
      assertEquals(held(store), [2]);
    });

    it("keeps a record that replaces one of the same size", () => {
      const store = new MemorySessionStore({ maxEntries: 2, now });
      for (const n of [1, 2, 2]) put(store, n);
      assertEquals(held(store), [1, 2]);
    });
  });

  it("counts only what has not expired", () => {
    const store = new MemorySessionStore({ now });
    put(store, 1, { lifetime: 10 });
    put(store, 2, { lifetime: 20, bytes: 5 });
    clock += 9;
    assertEquals([store.size, store.bytes], [2, 32 + 1 + 32 + 5]);
    clock += 1;
    assertEquals([store.size, store.bytes], [1, 32 + 5]);
    clock += 10;
    assertEquals([store.size, store.bytes], [0, 0]);
  });

  describe("fills records with zeros", () => {
    const gone: [string, (store: MemorySessionStore) => void][] = [
      ["deleted", (store) => store.delete(id(1), "revoked")],
      ["replaced", (store) => put(store, 1, { bytes: 40 })],
      ["evicted", (store) => put(store, 2, { bytes: 40 })],
      ["revoked", (store) => void store.revoke({ tag: "tag" })],
      ["cleared", (store) => store.clear()],
      ["disposed of", (store) => store[Symbol.dispose]()],
      ["looked up after their expiry", (store) => {
        clock += HOUR;
        store.get(id(1));
      }],
      ["purged after their expiry", (store) => {
        clock += HOUR;
        assertEquals(store.purge(), 1);
      }],
      ["counted after their expiry", (store) => {
        clock += HOUR;
        assertEquals(store.size, 0);
      }],
    ];
    for (const [how, remove] of gone) {
      it(`that are ${how}`, () => {
        const store = new MemorySessionStore({ maxEntries: 1, now });
        put(store, 1, { bytes: 77, tag: "tag" });
        assertEquals(arraysFilled(() => remove(store)), [77]);
      });
    }

    it("but not those that take has handed out", () => {
      const store = new MemorySessionStore({ now });
      put(store, 1, { bytes: 77 });
      const taken = store.take(id(1));
      assertEquals(arraysFilled(() => store.clear()), []);
      assertNotEquals(taken, new Uint8Array(77));
    });
  });

  it("is empty after clear, and usable", () => {
    const store = new MemorySessionStore({ now });
    for (const n of [1, 2, 3]) put(store, n, { lifetime: 10 });
    store.clear();
    assertEquals(held(store), []);
    assertEquals([store.size, store.bytes], [0, 0]);
    put(store, 2);
    clock += 10;
    assertEquals(held(store), [2]);
    assertEquals([store.size, store.bytes], [1, 33]);
  });

  describe("refuses", () => {
    for (const maxEntries of [0, -1, 1.5, NaN, Infinity]) {
      it(`maxEntries of ${maxEntries}`, () => {
        assertThrows(
          () => new MemorySessionStore({ maxEntries }),
          RangeError,
          `options.maxEntries must be a whole number of at least 1, received ${maxEntries}`,
        );
      });
    }

    it("maxBytes that is not a number", () => {
      assertThrows(
        () => new MemorySessionStore({ maxBytes: "1" as unknown as number }),
        TypeError,
        'maxBytes must be a number, received "1"',
      );
    });

    it("an id or a record that is not bytes", () => {
      const store = new MemorySessionStore();
      const expiresAt = new Date();
      const text = "id" as unknown as Uint8Array;
      const message = "must be a Uint8Array, received string";
      assertThrows(() => store.get(text), TypeError, `id ${message}`);
      assertThrows(() => store.take(text), TypeError, `id ${message}`);
      assertThrows(
        () => store.delete(text, "fatal"),
        TypeError,
        `id ${message}`,
      );
      assertThrows(
        () => store.set(text, id(1), { expiresAt }),
        TypeError,
        `id ${message}`,
      );
      assertThrows(
        () => store.set(id(1), text, { expiresAt }),
        TypeError,
        `record ${message}`,
      );
    });

    it("an expiresAt that is no valid date", () => {
      const store = new MemorySessionStore();
      const time = START as unknown as Date;
      assertThrows(
        () => store.set(id(1), id(1), { expiresAt: time }),
        TypeError,
        "Cannot store the session: expiresAt must be a Date, received ",
      );
      assertThrows(
        () => store.set(id(1), id(1), { expiresAt: new Date(NaN) }),
        RangeError,
        "Cannot store the session: expiresAt must be a valid date",
      );
    });
  });
});

function id(n: number): Uint8Array {
  return new Uint8Array(32).fill(n);
}

function put(
  store: MemorySessionStore,
  n: number,
  { lifetime = HOUR, bytes = 1, tag = "" } = {},
): void {
  const record = new Uint8Array(bytes).fill(n);
  const expiresAt = new Date(clock + lifetime);
  store.set(id(n), record, tag === "" ? { expiresAt } : { expiresAt, tag });
}

function held(store: MemorySessionStore): number[] {
  return [1, 2, 3, 4].filter((n) => store.get(id(n)) !== undefined);
}

/** Lengths of the arrays that held something and were zeroed during `body`. */
function arraysFilled(body: () => void): number[] {
  const filled: number[] = [];
  const { fill } = Uint8Array.prototype;
  Uint8Array.prototype.fill = function <T extends Uint8Array>(
    this: T,
    ...args: Parameters<Uint8Array["fill"]>
  ): T {
    const zeroed = args[0] === 0 && this.some((byte) => byte !== 0);
    if (zeroed) filled.push(this.length);
    fill.apply(this, args);
    return this;
  };
  try {
    body();
  } finally {
    Uint8Array.prototype.fill = fill;
  }
  return filled;
}
