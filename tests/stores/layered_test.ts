import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import {
  LayeredSessionStore,
  type LayeredSessionStoreOptions,
  type SessionStore,
} from "../../src/stores/layered.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import { numbered } from "../testdata/numbered_sessions.ts";
import {
  failing,
  type FullStore,
  later,
  listed,
} from "../testdata/worker_store_later.ts";
import { expiresAt, id, Layers, other, record } from "./layered/setup.ts";

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

  const memory = (now: () => number): FullStore =>
    new MemorySessionStore({ now });
  const kinds: [string, (now: () => number) => SessionStore][] = [
    [
      "over a store that answers at once",
      (now) => new LayeredSessionStore(memory(now), memory(now), { now }),
    ],
    [
      "over a store that answers later",
      (now) =>
        new LayeredSessionStore(memory(now), later(memory(now)), { now }),
    ],
    [
      "with two stores that answer later",
      (now) =>
        new LayeredSessionStore(later(memory(now)), later(memory(now)), {
          now,
        }),
    ],
    [
      "with a near store that answers later",
      (now) =>
        new LayeredSessionStore(later(memory(now)), memory(now), { now }),
    ],
    [
      "with little time to be stale",
      (now) => {
        const options = { maxStaleness: 10, missLifetime: 5, now };
        return new LayeredSessionStore(memory(now), memory(now), options);
      },
    ],
    [
      "with room for one record and one miss",
      (now) => {
        const options = { maxEntries: 1, maxMisses: 1, now };
        return new LayeredSessionStore(memory(now), memory(now), options);
      },
    ],
    [
      "with a near store that fails",
      (now) => new LayeredSessionStore(failing(), memory(now), { now }),
    ],
    ["with two of them that are never stale", (now) => {
      const shared = later(memory(now));
      const options = { maxStaleness: 0, missLifetime: 0, now };
      const [one, other] = [1, 2].map(() =>
        new LayeredSessionStore(memory(now), shared, options)
      ) as [LayeredSessionStore, LayeredSessionStore];
      return {
        get: (id, options) => other.get(id, options),
        take: (id, options) => other.take?.(id, options),
        set: (id, record, options) => one.set(id, record, options),
        delete: (id, reason) => one.delete(id, reason),
      };
    }],
    ["with two that share the near store", (now) => {
      const [near, far] = [later(memory(now)), later(memory(now))];
      const options = { maxStaleness: 0, missLifetime: 0, now };
      const one = new LayeredSessionStore(near, far, { now });
      const other = new LayeredSessionStore(near, far, options);
      return {
        get: (id, options) => other.get(id, options),
        set: (id, record, options) => one.set(id, record, options),
        delete: (id, reason) => one.delete(id, reason),
      };
    }],
  ];
  for (const [kind, create] of kinds) {
    describe(`keeps the promises of SessionStore ${kind}`, () => {
      for (const { name, run } of checkSessionStore(create)) it(name, run);
    });
  }

  describe("when far fails", () => {
    it("fails, and holds nothing near", async () => {
      const broken = { ...far, ...failing() };
      const trouble = new LayeredSessionStore(near, broken, { now });
      const calls = [
        () => trouble.get(id),
        () => trouble.set(id, record, { expiresAt }),
        () => trouble.delete(id, "revoked"),
        () => trouble.take?.(id),
        () => trouble.revoke?.({ tag: "alice" }),
        () => trouble.purge?.(),
      ];
      for (const call of calls) {
        await assertRejects(async () => await call(), Error, "out of order");
      }
      assertEquals(near.size, 0);
    });

    it("forgets what it held of the record", async () => {
      let fails = false;
      store = new LayeredSessionStore(near, {
        get: (id) => far.get(id),
        set: (id, record, options) => {
          if (fails) throw new Error("out of order");
          far.set(id, record, options);
        },
        delete: (id, reason) => {
          if (fails) throw new Error("out of order");
          far.delete(id, reason);
        },
      }, { now });
      const tries = [
        () => store.delete(id, "revoked"),
        () => store.set(id, other.record, { expiresAt }),
      ];
      for (const attempt of tries) {
        fails = false;
        store.set(id, record, { expiresAt });
        fails = true;
        assertThrows(attempt, Error, "out of order");
        assertEquals(near.size, 0);
        far.delete(id, "revoked");
        assertEquals(await store.get(id), undefined);
      }
    });
  });

  it("frees the room near at once when a record is removed", () => {
    store.set(id, record, { expiresAt });
    assertEquals(near.size, 1);
    store.delete(id, "revoked");
    assertEquals(near.size, 0);
    store.set(id, record, { expiresAt });
    store.take?.(id);
    assertEquals(near.size, 0);
  });

  it("asks far for each take", () => {
    store.set(id, record, { expiresAt });
    assertEquals(far.take(id), record);
    assertEquals(store.take?.(id), undefined);
    assertEquals(store.get(id), undefined);
  });

  it("revokes near what has the tag, or may have it", () => {
    const third = numbered(3);
    store.set(id, record, { expiresAt, tag: "alice" });
    store.set(other.id, other.record, { expiresAt, tag: "bob" });
    far.set(third.id, third.record, { expiresAt, tag: "alice" });
    store.get(third.id);
    assertEquals(near.size, 3);

    assertEquals(store.revoke?.({ tag: "alice" }), 2);
    assertEquals(near.size, 1);
    assertEquals(store.get(id), undefined);
    assertEquals(store.get(third.id), undefined);
    assertEquals(store.get(other.id), other.record);
    assertEquals(store.lookups, { near: 1, far: 3 });
  });

  it("lists and purges what is far", async () => {
    store.set(id, record, { expiresAt, tag: "alice" });
    near.clear();
    const size = record.length;
    const entries = store.entries === undefined
      ? []
      : await listed(store.entries());
    assertEquals(entries, [{ id, expiresAt, tag: "alice", size }]);
    layers.clock = expiresAt.getTime();
    assertEquals(await store.purge?.(), 1);
  });

  it("has no method that far lacks", () => {
    const { get, set, delete: remove } = failing();
    store = new LayeredSessionStore(near, { get, set, delete: remove });
    assertEquals(
      [store.take, store.revoke, store.entries, store.purge],
      [undefined, undefined, undefined, undefined],
    );
  });

  describe("refuses an invalid option:", () => {
    const wrong: [object, string][] = [
      [
        { maxStaleness: -1 },
        "maxStaleness must be a whole number of at least 0",
      ],
      [{ missLifetime: "1" }, "missLifetime must be a number"],
      [{ maxMisses: 0 }, "maxMisses must be a whole number of at least 1"],
      [{ maxEntries: 0.5 }, "maxEntries must be a whole number of at least 1"],
    ];
    for (const [options, message] of wrong) {
      it(JSON.stringify(options), () => {
        const create = (): unknown =>
          new LayeredSessionStore(
            near,
            far,
            options as LayeredSessionStoreOptions,
          );
        assertThrows(
          create,
          Error,
          message,
        );
      });
    }
  });
});
