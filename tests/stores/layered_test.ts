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

const START = Date.UTC(2030, 0, 1);
const { id, record } = numbered(1);
const other = numbered(2);

let clock = START;
const now = (): number => clock;
let near: MemorySessionStore;
let far: MemorySessionStore;
let store: LayeredSessionStore;
const expiresAt = new Date(START + 3_600_000);

describe("LayeredSessionStore", () => {
  beforeEach(() => {
    clock = START;
    near = new MemorySessionStore({ now });
    far = new MemorySessionStore({ now });
    store = new LayeredSessionStore(near, far, { now });
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

  describe("answers from near", () => {
    it("what was set here, until it is stale", () => {
      store.set(id, record, { expiresAt });
      far.delete(id, "revoked");
      clock += 999;
      assertEquals(store.get(id), record);
      clock += 1;
      assertEquals(store.get(id), undefined);
      assertEquals(store.lookups, { near: 1, far: 1 });
    });

    it("what came from far, until it is stale since it was asked", async () => {
      const gate = new Gate();
      store = new LayeredSessionStore(near, later(far, gate.wait), { now });
      far.set(id, record, { expiresAt });
      const pending = store.get(id);
      clock += 400;
      gate.open();
      assertEquals(await pending, record);
      far.delete(id, "revoked");
      clock += 599;
      assertEquals(await store.get(id), record);
      clock += 1;
      assertEquals(await store.get(id), undefined);
    });

    it("for no longer when the clock is set back", () => {
      store.set(id, record, { expiresAt });
      far.delete(id, "revoked");
      clock -= 1;
      assertEquals(store.get(id), undefined);
    });

    it("never a record whose expiry it was told", () => {
      const soon = new Date(START + 1_500);
      store.set(id, record, { expiresAt: soon });
      clock += 1_400;
      assertEquals(store.get(id), record);
      assertEquals(store.lookups, { near: 0, far: 1 });
      // A far store whose clock is slow.
      far.set(id, record, { expiresAt });
      clock += 99;
      assertEquals(store.get(id), record);
      assertEquals(store.lookups, { near: 1, far: 1 });
      clock += 1;
      assertEquals(store.get(id), record);
      assertEquals(store.lookups, { near: 1, far: 2 });
    });

    it("a record that was stored elsewhere after the one here expired", () => {
      store.set(id, record, { expiresAt: new Date(START + 50) });
      clock += 50;
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
        clock = START;
        far = new MemorySessionStore({ now });
        store = new LayeredSessionStore(near, far, { now, maxEntries: 1 });
        store.set(id, record, soon);
        lose(id);
        clock += 1_400;
        assertEquals(store.get(id), record);
        clock += 999;
        assertEquals(store.get(id), record);
        clock += 1;
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

  describe("remembers that there is no record", () => {
    it("for missLifetime", () => {
      assertEquals(store.get(id), undefined);
      far.set(id, record, { expiresAt });
      clock += 249;
      assertEquals(store.get(id), undefined);
      clock += 1;
      assertEquals(store.get(id), record);
    });

    it("for no longer when the clock is set back", () => {
      assertEquals(store.get(id), undefined);
      far.set(id, record, { expiresAt });
      clock -= 1;
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

  describe("puts nothing old back near: a get that is pending", () => {
    const changes: [string, () => unknown][] = [
      ["during a delete", () => store.delete(id, "revoked")],
      ["during a take", () => store.take?.(id)],
      ["during a set", () => store.set(id, other.record, { expiresAt })],
      ["during a revoke", () => store.revoke?.({ tag: "alice" })],
    ];
    const orders: [string, ("get" | "change")[], ("get" | "change")[]][] = [
      ["and began before it", ["get", "change"], ["change", "get"]],
      ["and began after it", ["change", "get"], ["change", "get"]],
      ["and ended before it", ["change", "get"], ["get", "change"]],
    ];
    for (const [what, change] of changes) {
      for (const [order, begins, ends] of orders) {
        it(`${what} ${order}`, async () => {
          far.set(id, record, { expiresAt, tag: "alice" });
          const gates = { get: new Gate(), change: new Gate() };
          // The get's answer is what was there before the change.
          const old = new Uint8Array(record);
          const behind = <T>(call: () => T): Promise<T> =>
            gates.change.wait().then(call);
          store = new LayeredSessionStore(near, {
            get: async (id) => {
              if (gates.get.passed) return far.get(id);
              await gates.get.wait();
              return old;
            },
            set: (id, record, options) =>
              behind(() => far.set(id, record, options)),
            delete: (id, reason) => behind(() => far.delete(id, reason)),
            take: (id) => behind(() => far.take(id)),
            revoke: (options) => behind(() => far.revoke(options)),
          }, { now });

          const pending = { get: Promise.resolve(), change: Promise.resolve() };
          for (const call of begins) {
            const answer = call === "get" ? store.get(id) : change();
            pending[call] = Promise.resolve(answer).then(() => {});
          }
          for (const call of ends) {
            gates[call].open();
            await pending[call];
          }
          assertEquals(await store.get(id), far.get(id));
          assertEquals(
            far.get(id),
            what === "during a set" ? other.record : undefined,
          );
        });
      }
    }

    it("during clear", async () => {
      const gate = new Gate();
      store = new LayeredSessionStore(near, later(far, gate.wait), { now });
      far.set(id, record, { expiresAt });
      const pending = store.get(id);
      store.clear();
      gate.open();
      await pending;
      assertEquals(near.size, 0);
    });
  });

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

  it("returns no deleted record that a slow near store sets late", async () => {
    const gate = new Gate();
    store = new LayeredSessionStore(
      {
        ...later(near),
        set: async (...call) => {
          await gate.wait();
          near.set(...call);
        },
      },
      far,
      { now },
    );
    store.set(id, record, { expiresAt });
    store.delete(id, "revoked");
    gate.open();
    await turns();
    assertEquals(await store.get(id), undefined);
    // The near store removes what came late some turns later.
    for (let i = 0; near.size > 0 && i < 100; i++) await turns();
    assertEquals(near.size, 0);
  });

  describe("keeps nothing of changes that are pending together:", () => {
    /** How far sees them, then how they are answered. */
    const orders: ["first" | "second", "first" | "second"][] = [
      ["first", "first"],
      ["first", "second"],
      ["second", "first"],
      ["second", "second"],
    ];
    const seconds: [string, () => unknown][] = [
      ["two sets", () => store.set(id, other.record, { expiresAt })],
      ["a set and a revoke", () => store.revoke?.({ tag: "alice" })],
    ];
    for (const [what, second] of seconds) {
      for (const [seen, answered] of orders) {
        it(`${what}, the ${seen} seen and the ${answered} answered before`, async () => {
          const gates = {
            first: { begin: new Gate(), end: new Gate() },
            second: { begin: new Gate(), end: new Gate() },
          };
          const slow = (from: "first" | "second"): FullStore => {
            const waits = [gates[from].begin, gates[from].end];
            return later(far, () => waits.shift()?.wait() ?? Promise.resolve());
          };
          let calls = [slow("first"), slow("second")];
          const next = (): FullStore => calls.shift() ?? far;
          store = new LayeredSessionStore(near, {
            get: (id) => far.get(id),
            set: (...call) => next().set(...call),
            delete: (...call) => far.delete(...call),
            revoke: (options) => next().revoke(options),
          }, { now });

          const pending = {
            first: store.set(id, record, { expiresAt, tag: "alice" }),
            second: second(),
          };
          const both = ["first", "second"] as const;
          const from = (name: "first" | "second"): typeof both[number][] =>
            name === "first" ? [...both] : [...both].reverse();
          for (const name of from(seen)) {
            gates[name].begin.open();
            await turns();
          }
          for (const name of from(answered)) {
            gates[name].end.open();
            await pending[name];
          }
          calls = [];
          assertEquals(near.size, 0);
          assertEquals(store.get(id), far.get(id));
        });
      }
    }
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
    clock = expiresAt.getTime();
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

/** Holds up whoever waits until it is opened. */
class Gate {
  readonly #opened = Promise.withResolvers<void>();
  passed = false;
  readonly wait = (): Promise<void> => this.#opened.promise;

  open(): void {
    this.passed = true;
    this.#opened.resolve();
  }
}

/** Lets all go on that can. */
function turns(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
