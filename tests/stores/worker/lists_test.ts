/** Lists: read in parts, as far as the reader wants, and ended by either end. */
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { MemorySessionStore } from "../../../src/stores/memory.ts";
import type { SessionEntry } from "../../../src/stores/session_store.ts";
import {
  serveSessionStore,
  WorkerSessionStore,
} from "../../../src/stores/worker.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";
import { later, listed } from "../../testdata/worker_store_later.ts";
import { Channel, expiresAt, id, turn } from "./setup.ts";

let channel: Channel;
let inner: MemorySessionStore;
let ownerPort: MessagePort;
let workerPort: MessagePort;

describe("WorkerSessionStore", () => {
  beforeEach(() => {
    channel = new Channel();
    ({ inner, ownerPort, workerPort } = channel);
  });

  afterEach(() => channel.close());

  describe("lists", () => {
    it("many sessions, no more at a time than are wanted", async () => {
      const listing = counting(1_000);
      const store = channel.connected({
        ...later(inner),
        entries: listing.entries,
      });
      const ids: number[] = [];
      for await (const { id } of store.entries?.() ?? []) {
        ids.push(new DataView(id.buffer).getUint32(0));
        assertLess(listing.count - ids.length, 256);
      }
      assertEquals(ids, Array.from({ length: 1_000 }, (_, n) => n));
      assertEquals(listing.ended, 1);
    });

    it("and ends the list where the reader does", async () => {
      const listing = counting(1_000);
      const store = channel.connected({
        ...later(inner),
        entries: listing.entries,
      });
      for await (const _ of store.entries?.() ?? []) break;
      // The owner has seen the end by the time it answers the next call.
      await store.get(id);
      assertEquals(listing.ended, 1);
      assertEquals(listing.count, 256);
    });

    it("and ends those that do so without a promise, or throw", async () => {
      const ended: string[] = [];
      const endings: (() => never)[] = [
        () => {
          ended.push("at once");
          return { done: true, value: undefined } as never;
        },
        () => {
          ended.push("by throwing");
          throw new Error("out of order");
        },
      ];
      const store = channel.connected({
        ...later(inner),
        entries: () => {
          const list = counting(1_000).entries();
          return Object.assign(list, { return: endings.shift() });
        },
      });
      for (let i = 0; i < 2; i++) {
        for await (const _ of store.entries?.() ?? []) break;
      }
      await store.get(id);
      assertEquals(ended, ["at once", "by throwing"]);
    });

    it("and ends the list where the service does", async () => {
      const listing = counting(1_000);
      const service = serveSessionStore(
        { ...later(inner), entries: listing.entries },
        ownerPort,
      );
      using store = new WorkerSessionStore(workerPort);
      const list = store.entries?.();
      await list?.next();
      service.close();
      await turn();
      assertEquals(listing.ended, 1);
      await assertRejects(
        async () => {
          for (;;) if ((await list?.next())?.done) return;
        },
        Error,
        "Cannot list the sessions: it is no longer served",
      );
    });

    it("and fails in the middle if the served store does", async () => {
      const store = channel.connected({
        ...later(inner),
        async *entries(): AsyncGenerator<SessionEntry> {
          yield* counting(300).entries();
          throw new Error("out of order");
        },
      });
      const seen: SessionEntry[] = [];
      await assertRejects(
        async () => {
          for await (const entry of store.entries?.() ?? []) seen.push(entry);
        },
        Error,
        "out of order",
      );
      assertEquals(seen.length, 256);
    });

    it("at most 16 at a time, and ends the oldest", async () => {
      const listing = counting(600);
      const store = channel.connected({
        ...later(inner),
        entries: listing.entries,
      });
      const lists = Array.from({ length: 17 }, () => store.entries?.());
      for (const list of lists) await list?.next();
      assertEquals(listing.ended, 1);
      const [oldest, next] = lists;
      assert(oldest && next);
      await assertRejects(() => listed(oldest), Error, "the list has ended");
      assertEquals((await listed(next)).length, 599);
    });

    it("any number of times, one after the other", async () => {
      const store = channel.connected({
        ...later(inner),
        entries: counting(300).entries,
      });
      const first = store.entries?.() ?? later(inner).entries();
      const again = (): AsyncIterable<SessionEntry> =>
        store.entries?.() ?? later(inner).entries();
      await first[Symbol.asyncIterator]().next();
      for (let i = 0; i < 20; i++) {
        assertEquals((await listed(again())).length, 300);
      }
      assertEquals((await listed(first)).length, 299);
    });
  });
});

/** A list of `total` sessions, and how far it has been read. */
function counting(total: number): {
  count: number;
  ended: number;
  entries: () => AsyncGenerator<SessionEntry>;
} {
  const listing = {
    count: 0,
    ended: 0,
    async *entries(): AsyncGenerator<SessionEntry> {
      try {
        for (let n = 0; n < total; n++) {
          listing.count++;
          const { id } = await Promise.resolve(numbered(n));
          yield { id, expiresAt, size: 1 };
        }
      } finally {
        listing.ended++;
      }
    },
  };
  return listing;
}
