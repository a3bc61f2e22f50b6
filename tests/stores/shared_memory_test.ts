import { assert, assertEquals, assertThrows } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import {
  SharedMemorySessionStore,
  type SharedMemorySessionStoreOptions,
} from "../../src/stores/shared_memory.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import { twoStores } from "../support/two_stores.ts";
import { numbered } from "../testdata/numbered_sessions.ts";

const START = Date.UTC(2030, 0, 1);
const HOUR = 3_600_000;
const SCRIPT = new URL("../testdata/shared_memory_taker.ts", import.meta.url);
/** The word of the memory that says who holds the lock. */
const LOCK_HOLDER = 1;

let clock = START;
const now = (): number => clock;

describe("SharedMemorySessionStore", () => {
  beforeEach(() => {
    clock = START;
  });

  describe("keeps the promises of SessionStore", () => {
    const checks = checkSessionStore((now) =>
      new SharedMemorySessionStore({ now })
    );
    for (const { name, run } of checks) it(name, run);
  });

  describe("keeps them where one store writes and another reads", () => {
    const checks = checkSessionStore((now) => {
      const writer = new SharedMemorySessionStore({ now });
      const { memory } = writer;
      const reader = new SharedMemorySessionStore({ memory, now });
      return twoStores(writer, reader);
    });
    for (const { name, run } of checks) it(name, run);
  });

  it("agrees with a plain map while its ring goes round", async () => {
    // Room for all that are alive and those removed since the oldest was stored, and not much more.
    const store = new SharedMemorySessionStore({ maxBytes: 100_000, now });
    const model = new Map<number, { record: Uint8Array; expiresAt: number }>();
    const random = randomNumbers(1);
    for (let step = 0; step < 20_000; step++) {
      const n = random(12);
      const found = model.get(n);
      const isAlive = found !== undefined && found.expiresAt > clock;
      switch (random(5)) {
        case 0:
        case 1: {
          const record = new Uint8Array(random(120)).fill(n + 1);
          const expiresAt = clock + random(100) - 5;
          store.set(id(n), record, { expiresAt: new Date(expiresAt) });
          model.set(n, { record, expiresAt });
          break;
        }
        case 2:
          assertEquals(store.take(id(n)), isAlive ? found.record : undefined);
          model.delete(n);
          break;
        case 3:
          store.delete(id(n), "fatal");
          model.delete(n);
          break;
        default:
          assertEquals(store.get(id(n)), isAlive ? found.record : undefined);
          clock += random(4);
      }
      if (step % 100 > 0) continue;
      const numbers: (number | undefined)[] = [];
      for await (const entry of store.entries()) numbers.push(entry.id[0]);
      const alive = [...model].filter(([, { expiresAt }]) => expiresAt > clock);
      assertEquals(numbers.sort(), alive.map(([n]) => n).sort());
      assertEquals(store.size, alive.length);
    }
  });

  describe("when it is full", () => {
    it("drops the records that were stored first", () => {
      const store = new SharedMemorySessionStore({ maxEntries: 3, now });
      for (const n of [1, 2, 3, 2, 4]) put(store, n);
      assertEquals(held(store), [2, 3, 4]);
    });

    it("drops as many as it takes to stay within maxBytes", () => {
      const store = new SharedMemorySessionStore({ maxBytes: 1_000, now });
      for (const n of [1, 2, 3, 4]) put(store, n, { bytes: 100 });
      put(store, 5, { bytes: 500 });
      assertEquals(held(store), [4, 5]);
    });

    it("has room for one record of maxBytes, and none for a larger one", () => {
      const store = new SharedMemorySessionStore({ maxBytes: 1_024, now });
      put(store, 1);
      put(store, 2, { bytes: 1_024 - 63 });
      assertEquals(held(store), [1]);
      put(store, 2, { bytes: 1_024 - 64 });
      assertEquals(held(store), [2]);
    });
  });

  describe("fills records with zeros", () => {
    const gone: [string, (store: SharedMemorySessionStore) => void][] = [
      ["deleted", (store) => store.delete(id(1), "revoked")],
      ["taken", (store) => void store.take(id(1))],
      ["replaced", (store) => put(store, 1)],
      ["evicted", (store) => put(store, 2)],
      ["revoked", (store) => void store.revoke({ tag: "tag" })],
      ["cleared", (store) => store.clear()],
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
        const limits = { maxEntries: 1, maxBytes: 1_000 };
        const store = new SharedMemorySessionStore({ ...limits, now });
        const record = new Uint8Array(77).fill(0xa5);
        const expiresAt = new Date(clock + HOUR);
        store.set(id(1), record, { expiresAt, tag: "tag" });
        assert(new Uint8Array(store.memory).includes(0xa5));
        remove(store);
        assert(!new Uint8Array(store.memory).includes(0xa5));
      });
    }
  });

  it("is empty after clear, for all threads, and usable", () => {
    const store = new SharedMemorySessionStore({ now });
    const { memory } = store;
    const other = new SharedMemorySessionStore({ memory, now });
    for (const n of [1, 2, 3]) put(store, n);
    other.clear();
    assertEquals([held(store), store.size], [[], 0]);
    put(store, 2);
    assertEquals([held(other), other.size], [[2], 1]);
  });

  describe("in workers", () => {
    it("gives each session to one of those that take it", async () => {
      const count = 2_000;
      const store = new SharedMemorySessionStore();
      for (let n = 0; n < count; n++) {
        const { id, record, expiresAt } = numbered(n);
        store.set(id, record, { expiresAt });
      }
      const workers = await Promise.all([1, 2, 3].map(startWorker));
      const taken = await Promise.all(workers.map(async (worker) => {
        const answer = messageOf(worker);
        worker.postMessage({ memory: store.memory, count });
        return (await answer as { taken: number[] }).taken;
      }));
      for (const worker of workers) worker.terminate();
      assertEquals(
        taken.flat().sort((a, b) => a - b),
        Array.from({ length: count }, (_, n) => n),
      );
      assertEquals(store.size, 0);
    });

    it("goes on when one is terminated while it uses the store", async () => {
      const store = new SharedMemorySessionStore();
      for (let round = 0; round < 3; round++) {
        const worker = await startWorker();
        const begun = messageOf(worker);
        worker.postMessage({ memory: store.memory });
        await begun;
        for (let i = 0; i < 100; i++) store.get(numbered(1).id);
        worker.terminate();
        const { id, record, expiresAt } = numbered(1_000);
        store.set(id, record, { expiresAt });
        assertEquals(store.take(id), record);
      }
    });
  });

  it("takes the lock from a thread that has ended, and removes all records", () => {
    const store = new SharedMemorySessionStore({ now });
    put(store, 1);
    const words = new Int32Array(store.memory);
    words[LOCK_HOLDER] = 12_345;
    assertEquals(held(store), []);
    assertEquals(words[LOCK_HOLDER], 0);
    put(store, 2);
    assertEquals(held(store), [2]);
  });

  it("removes all records when the memory is corrupt", () => {
    const store = new SharedMemorySessionStore({ now });
    for (const n of [1, 2]) put(store, n);
    // Sizes and lists of entries.
    new Int32Array(store.memory).fill(0, 16);
    assertThrows(() => store.size, Error, "memory of the session store");
    assertEquals(store.size, 0);
    put(store, 3);
    assertEquals(held(store), [3]);
  });

  describe("refuses", () => {
    it("limits out of their range", () => {
      for (const maxEntries of [0, 1.5, NaN, 2 ** 24 + 1]) {
        assertThrows(
          () => new SharedMemorySessionStore({ maxEntries }),
          RangeError,
          `options.maxEntries must be a whole number from 1 to 16777216, received ${maxEntries}`,
        );
      }
      assertThrows(
        () => new SharedMemorySessionStore({ maxBytes: 2 ** 30 + 1 }),
        RangeError,
        "options.maxBytes must be a whole number from 1 to 1073741824",
      );
    });

    it("memory that is no store's", () => {
      for (
        const memory of [
          new SharedArrayBuffer(8),
          new SharedArrayBuffer(1_024),
          new ArrayBuffer(1_024),
          null,
        ]
      ) {
        assertThrows(
          () => new SharedMemorySessionStore({ memory: memory as never }),
          TypeError,
          "options.memory must be the memory of a SharedMemorySessionStore, received ",
        );
      }
    });

    it("limits beside memory", () => {
      const { memory } = new SharedMemorySessionStore();
      for (const limit of ["maxEntries", "maxBytes"]) {
        const options: SharedMemorySessionStoreOptions = {
          memory,
          [limit]: 10,
        };
        assertThrows(
          () => new SharedMemorySessionStore(options),
          TypeError,
          `options.${limit} must not be given beside options.memory`,
        );
      }
    });
  });
});

function id(n: number): Uint8Array {
  return new Uint8Array(32).fill(n);
}

function put(
  store: SharedMemorySessionStore,
  n: number,
  { bytes = 1 } = {},
): void {
  const record = new Uint8Array(bytes).fill(n);
  store.set(id(n), record, { expiresAt: new Date(clock + HOUR) });
}

function held(store: SharedMemorySessionStore): number[] {
  return [1, 2, 3, 4, 5].filter((n) => store.get(id(n)) !== undefined);
}

async function startWorker(): Promise<Worker> {
  const worker = new Worker(SCRIPT, { type: "module" });
  await messageOf(worker);
  return worker;
}

function messageOf(worker: Worker): Promise<unknown> {
  return new Promise((resolve) => {
    worker.addEventListener("message", ({ data }) => resolve(data), {
      once: true,
    });
  });
}

/** A small generator (mulberry32) of whole numbers below a limit. */
function randomNumbers(seed: number): (limit: number) => number {
  return (limit) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}
