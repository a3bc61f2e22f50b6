import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import type { SessionStore } from "../../src/stores/session_store.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import {
  AsyncStore,
  type AsyncStoreOptions,
  turn,
} from "../testdata/async_store.ts";
import { BROKEN_ASYNC_STORES } from "../testdata/broken_async_stores.ts";
import { BROKEN_ASYNC_TAG_STORES } from "../testdata/broken_async_tag_stores.ts";
import { Empty, PlainStore } from "../testdata/broken_stores.ts";
import { failuresOf } from "../testdata/store_failures.ts";

describe("checkSessionStore, of stores that answer with promises,", () => {
  const ways: [string, AsyncStoreOptions][] = [
    ["after a turn of the event loop", {}],
    ["after some turns or none", { wait: turns([0, 3, 1, 5, 2]) }],
    ["and reject when they are aborted", { rejects: true }],
  ];
  for (const [way, options] of ways) {
    describe(`accepts one whose calls settle ${way}`, () => {
      const checks = checkSessionStore((now) =>
        new AsyncStore(new MemorySessionStore({ now }), options)
      );
      for (const { name, run } of checks) it(name, run);
    });
  }

  it("accepts a slow one that rejects at once, by the real clock", async () => {
    const wait = (): Promise<void> =>
      new Promise((resolve) => setTimeout(resolve, 2));
    const create = (): SessionStore =>
      new AsyncStore(new MemorySessionStore(), { rejects: true, wait });
    assertEquals(await failuresOf(create, { clock: "real" }), []);
  });

  it("accepts one that answers at once where it can", async () => {
    const create = (now: () => number): SessionStore => {
      const inner = new PlainStore(now);
      const slow = new AsyncStore(inner);
      return {
        get: (id) => inner.get(id),
        set: (id, record, options) => slow.set(id, record, options),
        delete: (id, reason) => slow.delete(id, reason),
        take: (id) => inner.take(id),
        revoke: (options) => slow.revoke(options),
        entries: () => inner.entries(),
        purge: () => inner.purge(),
      };
    };
    assertEquals(await failuresOf(create), []);
  });

  const broken = [...BROKEN_ASYNC_STORES, ...BROKEN_ASYNC_TAG_STORES];
  for (const [Store, promise] of broken) {
    it(`says what is wrong with ${Store.name}`, async () => {
      const create = (now: () => number): SessionStore => new Store(now);
      const failures = await failuresOf(create, { timeout: 1_000 });
      assert(
        failures.some((message) => message.includes(promise)),
        `"${promise}" is not among ${JSON.stringify(failures)}`,
      );
    });
  }

  it("sees a write settle early by another connection", async () => {
    const failures = await failuresOf((now) => {
      const inner = new PlainStore(now);
      const one = new AsyncStore(inner);
      return {
        get: (id) => inner.get(id),
        set: (id, record, options) => one.set(id, record, options),
        delete: (id, reason) => void one.delete(id, reason),
      };
    });
    const promise = 'after delete for "expired" there is no record';
    assert(failures.some((message) => message.includes(promise)));
  });

  it("waits for the store to open and to close", async () => {
    const events: string[] = [];
    const [check] = checkSessionStore(async (now) => {
      await turn();
      events.push("open");
      return Object.assign(new AsyncStore(new Empty(now)), {
        [Symbol.asyncDispose]: async (): Promise<void> => {
          await turn();
          events.push("closed");
        },
        [Symbol.dispose]: (): void => void events.push("disposed"),
      });
    });
    await check?.run();
    assertEquals(events, ["open", "closed"]);
  });
});

/** Waits for one number of turns after the other, over and over. */
function turns(numbers: number[]): () => Promise<void> {
  let i = 0;
  return async () => {
    const times = numbers[i++ % numbers.length] ?? 0;
    for (let passed = 0; passed < times; passed++) await turn();
  };
}
