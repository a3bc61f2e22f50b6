import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import type { SessionStore } from "../../src/stores/session_store.ts";
import {
  FaultyStore,
  type PlannedFault,
} from "../../src/testing/faulty_store.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import {
  anHour,
  FIRST,
  ID,
  OTHER,
  SECOND,
  setup,
} from "../support/faulty_stores.ts";
import { STORE_METHODS } from "../../src/testing/_store_calls.ts";
import { AsyncStore } from "../testdata/async_store.ts";
import { failuresOf } from "../testdata/store_failures.ts";
import { BROKEN_BY_FAULTS } from "../testdata/store_fault_findings.ts";

const WITHIN: Record<string, (now: () => number) => SessionStore> = {
  "at once": (now) => new MemorySessionStore({ now }),
  "with promises": (now) => new AsyncStore(new MemorySessionStore({ now })),
};

describe("FaultyStore keeps every promise", () => {
  for (const [answers, within] of Object.entries(WITHIN)) {
    describe(`without faults, over one that answers ${answers}`, () => {
      const create = (now: () => number): SessionStore =>
        new FaultyStore(within(now));
      for (const { name, run } of checkSessionStore(create)) it(name, run);
    });
  }

  it("while it is only slow, to some calls or to all", async () => {
    for (const probability of [0.5, 1]) {
      const failures = await failuresOf((now) =>
        new FaultyStore(new MemorySessionStore({ now }), {
          faults: [{
            on: STORE_METHODS,
            when: { probability },
            fault: { kind: "latency", ms: 1 },
          }],
        })
      );
      assertEquals(failures, []);
    }
  });

  it("while purges are lost: expiry is not their business", async () => {
    const failures = await failuresOf((now) =>
      new FaultyStore(new MemorySessionStore({ now }), {
        faults: [{ on: "purge", fault: { kind: "lost-write" } }],
      })
    );
    assertEquals(failures, []);
  });
});

describe("checkSessionStore sees", () => {
  for (const [answers, within] of Object.entries(WITHIN)) {
    for (const [planned, promise] of BROKEN_BY_FAULTS) {
      const { on, fault } = planned;
      it(`${fault.kind} on ${on} of one that answers ${answers}: ${promise}`, async () => {
        const create = (now: () => number): SessionStore =>
          new FaultyStore(within(now), { faults: [planned] });
        const failures = await failuresOf(create, { timeout: 1_000 });
        assert(
          failures.some((message) => message.includes(promise)),
          `"${promise}" is not among ${JSON.stringify(failures)}`,
        );
      });
    }
  }
});

describe("FaultyStore", () => {
  it("answers at once where the store within does, with the same bytes", () => {
    const { store } = setup([]);
    assertEquals(store.set(ID, FIRST, { ...anHour(), tag: "a" }), undefined);
    assertEquals(store.get(ID), FIRST);
    assertEquals(store.take?.(ID), FIRST);
    assertEquals(store.delete(ID, "revoked"), undefined);
    assertEquals(store.revoke?.({ tag: "a" }), 0);
    assertEquals(store.purge?.(), 0);
  });

  it("lacks the methods that the store within lacks", () => {
    const inner = new MemorySessionStore();
    const store = new FaultyStore({
      get: (id) => inner.get(id),
      set: (id, record, options) => inner.set(id, record, options),
      delete: (id, reason) => inner.delete(id, reason),
    });
    for (const name of ["take", "revoke", "entries", "purge"] as const) {
      assertEquals(store[name], undefined);
    }
  });

  it("fails with the error that is planned", async () => {
    const error = new Error("READONLY");
    const { store } = setup([{
      on: STORE_METHODS,
      fault: { kind: "error", error },
    }]);
    const calls = [
      () => store.get(ID),
      () => store.set(ID, FIRST, anHour()),
      () => store.delete(ID, "revoked"),
      () => store.take?.(ID),
      () => store.revoke?.({ tag: "a" }),
      () => store.purge?.(),
      () => Array.fromAsync(store.entries?.() ?? []),
    ];
    for (const call of calls) {
      const answer = call();
      assert(answer instanceof Promise);
      assertStrictEquals(await assertRejects(() => answer), error);
    }
    assertEquals(store.injected, { error: 7 });
    // A list that nobody reads fails for nobody.
    store.entries?.();
  });

  it("fails after the effect, or without", async () => {
    const { store } = setup([
      { on: "set", fault: { kind: "error", takesEffect: true } },
      { on: "delete", fault: { kind: "error" } },
    ]);
    await assertRejects(async () => await store.set(ID, FIRST, anHour()));
    assertEquals(store.get(ID), FIRST);
    await assertRejects(async () => await store.delete(ID, "revoked"));
    assertEquals(store.get(ID), FIRST);
  });

  it("reads what was taken, deleted, revoked or replaced", () => {
    const stale: PlannedFault[] = [{
      on: "get",
      fault: { kind: "stale-read" },
    }];
    for (
      const end of [
        (store: FaultyStore) => store.take?.(ID),
        (store: FaultyStore) => store.delete(ID, "fatal"),
        (store: FaultyStore) => store.revoke?.({ tag: "a" }),
        (store: FaultyStore) => store.set(ID, SECOND, anHour()),
      ]
    ) {
      const { store } = setup(stale);
      store.set(ID, FIRST, { ...anHour(), tag: "a" });
      assertEquals(store.get(ID), undefined);
      end(store);
      const found = store.get(ID);
      assertEquals(found, FIRST);
      (found as Uint8Array).fill(0);
      assertEquals(store.get(ID), FIRST);
    }
  });

  it("reads what was there before the last change, not before what changed nothing", () => {
    const { store } = setup([]);
    store.set(ID, FIRST, { ...anHour(), tag: "a" });
    store.delete(ID, "revoked");
    store.delete(ID, "revoked");
    store.faults = [{ on: "get", fault: { kind: "stale-read" } }];
    assertEquals(store.get(ID), FIRST);
    store.set(ID, SECOND, { ...anHour(), tag: "a" });
    store.revoke?.({ tag: "b" });
    assertEquals(store.get(ID), undefined);
  });

  it("answers with the record that was stored last, of another id", () => {
    const third = ID.with(0, 9);
    const { store } = setup([{ on: "get", fault: { kind: "wrong-record" } }]);
    store.set(OTHER, FIRST, anHour());
    store.set(third, SECOND, anHour());
    store.set(OTHER, FIRST, anHour());
    store.set(ID, SECOND, anHour());
    assertEquals(store.get(ID), FIRST);
    store.delete(OTHER, "revoked");
    assertEquals(store.get(ID), SECOND);
    assertEquals(store.injected, { "wrong-record": 2 });
  });

  it("corrupts by the seed, and not the caller's array", () => {
    const spoil = (seed: number): unknown => {
      const { store } = setup([{ on: "set", fault: { kind: "corrupt" } }], {
        seed,
      });
      const record = new Uint8Array(100);
      store.set(ID, record, anHour());
      assertEquals(record, new Uint8Array(100));
      const found = store.inner.get(ID);
      assertEquals(found?.filter((byte) => byte !== 0).length, 1);
      return found;
    };
    assertEquals(spoil(1), spoil(1));
    assert(String(spoil(1)) !== String(spoil(2)));
  });
});
