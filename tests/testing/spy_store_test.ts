import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import type { SessionStore } from "../../src/stores/session_store.ts";
import {
  FaultyStore,
  type PlannedFault,
} from "../../src/testing/faulty_store.ts";
import { SpyStore, type SpyStoreOptions } from "../../src/testing/spy_store.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import { VirtualClock } from "../../src/testing/clock.ts";
import { anHour, FIRST, ID, OTHER, SECOND } from "../support/faulty_stores.ts";
import { SANITIZED, Site } from "../support/site.ts";
import { AsyncStore } from "../testdata/async_store.ts";

/** A spy over a store in memory, which may be slow or fail, and the clock of all. */
function setup(
  faults: PlannedFault[] = [],
  options: SpyStoreOptions = {},
): { store: SpyStore; clock: VirtualClock } {
  const clock = new VirtualClock();
  const inner = new FaultyStore(new MemorySessionStore({ now: clock.now }), {
    clock,
    faults,
  });
  return { store: new SpyStore(inner, { now: clock.now, ...options }), clock };
}

const WITHIN: Record<string, (now: () => number) => SessionStore> = {
  "at once": (now) => new MemorySessionStore({ now }),
  "with promises": (now) => new AsyncStore(new MemorySessionStore({ now })),
};

for (const [answers, within] of Object.entries(WITHIN)) {
  describe(`SpyStore keeps every promise, over one that answers ${answers}`, () => {
    const create = (now: () => number): SessionStore =>
      new SpyStore(within(now), { now });
    for (const { name, run } of checkSessionStore(create)) it(name, run);
  });
}

describe("SpyStore", () => {
  it("records what was asked, and how it ended", async () => {
    const { store, clock } = setup();
    const at = clock.now();
    const { expiresAt } = anHour(clock);
    const { signal } = new AbortController();
    store.set(ID, FIRST, { expiresAt, tag: "user:1", signal });
    store.get(ID, { signal });
    store.get(OTHER);
    store.take?.(ID);
    store.set(ID, SECOND, { expiresAt, tag: "user:1" });
    await Array.fromAsync(store.entries?.() ?? []);
    store.revoke?.({ tag: "user:1" });
    store.delete(ID, "fatal");
    store.purge?.();

    const done = { at, outcome: "done", duration: 0 } as const;
    const hit = { ...done, outcome: "hit", size: 3 } as const;
    assertEquals(store.calls, [
      {
        ...done,
        operation: "set",
        id: ID,
        expiresAt,
        tag: "user:1",
        signal,
        size: 3,
      },
      { ...hit, operation: "get", id: ID, signal },
      { ...done, operation: "get", id: OTHER, outcome: "miss" },
      { ...hit, operation: "take", id: ID },
      { ...done, operation: "set", id: ID, expiresAt, tag: "user:1", size: 3 },
      { ...done, operation: "entries", count: 1 },
      { ...done, operation: "revoke", tag: "user:1", count: 1 },
      { ...done, operation: "delete", id: ID, reason: "fatal" },
      { ...done, operation: "purge", count: 0 },
    ]);
    assertEquals(store.of("take"), store.calls.slice(3, 4));
    store.clear();
    assertEquals(store.calls, []);
  });

  it("copies ids and dates", () => {
    const { store } = setup();
    const id = ID.slice();
    const options = anHour();
    const expected = new Date(options.expiresAt);
    store.set(id, FIRST, options);
    id.fill(0);
    options.expiresAt.setTime(0);
    const [call] = store.calls;
    assertEquals(call?.id, ID);
    assertEquals(call?.expiresAt, expected);
  });

  it("measures how long calls take, and tells which are pending", async () => {
    const { store, clock } = setup([
      { on: "get", fault: { kind: "latency", ms: 80 } },
      { on: "delete", fault: { kind: "never" } },
    ]);
    const answer = store.get(ID);
    store.delete(ID, "revoked");
    clock.advance(80);
    const [get, removal] = store.calls;
    assertEquals(get?.outcome, "pending");
    await answer;
    assertEquals(get?.outcome, "miss");
    assertEquals(get?.duration, 80);
    assertEquals(removal?.outcome, "pending");
    assertEquals(removal?.duration, undefined);
  });

  it("records failures, and hands them on", async () => {
    const error = new Error("READONLY");
    const { store } = setup([
      { on: "get", fault: { kind: "throws-sync", error } },
      { on: ["set", "entries"], fault: { kind: "error", error } },
    ]);
    assertStrictEquals(assertThrows(() => store.get(ID)), error);
    const writing = store.set(ID, FIRST, anHour());
    assert(writing instanceof Promise);
    assertStrictEquals(await assertRejects(() => writing), error);
    const list = (): Promise<unknown> =>
      Array.fromAsync(store.entries?.() ?? []);
    assertStrictEquals(await assertRejects(list), error);
    for (const call of store.calls) {
      assertEquals(call.outcome, "error");
      assertStrictEquals(call.error, error);
    }
    assertEquals(store.calls.length, 3);
  });

  it("counts what was read of a list that was left early", async () => {
    const { store } = setup();
    for (const id of [ID, OTHER]) store.set(id, FIRST, anHour());
    for await (const _ of store.entries?.() ?? []) break;
    const [call] = store.of("entries");
    assertEquals(call?.outcome, "done");
    assertEquals(call?.count, 1);
  });

  it("keeps no record, unless told to, and shows none", () => {
    for (const keepRecords of [false, true]) {
      const { store } = setup([], { keepRecords });
      const record = FIRST.slice();
      store.set(ID, record, anHour());
      record.fill(0);
      (store.get(ID) as Uint8Array).fill(0);
      for (const call of store.calls) {
        assertEquals(call.record, keepRecords ? FIRST : undefined);
        assertEquals(Object.keys(call).includes("record"), false);
        assertEquals(JSON.stringify(call).includes("record"), false);
        assertEquals(Deno.inspect(call).includes("record"), false);
      }
    }
  });

  it("is text without secrets", async () => {
    const { store, clock } = setup([
      { on: "take", fault: { kind: "error" } },
      { on: "get", fault: { kind: "latency", ms: 5 } },
    ], { keepRecords: true });
    store.set(ID, FIRST, { ...anHour(clock), tag: "a b" });
    store.get(ID.slice(0, 2));
    const found = store.get(ID);
    clock.advance(5);
    await found;
    await assertRejects(async () => await store.take?.(ID));
    store.delete(ID, "unclean");
    store.revoke?.({ tag: "a b" });
    store.get(ID);
    assertEquals(
      String(store),
      [
        'set 0001020304050607... until 2030-01-01T01:00:00.000Z tag "a b" -> done, 3 bytes, 0 ms',
        "get 0001 -> miss, 5 ms",
        "get 0001020304050607... -> hit, 3 bytes, 5 ms",
        "take 0001020304050607... -> error, Error: Planned failure of take, 0 ms",
        "delete 0001020304050607... unclean -> done, 0 ms",
        'revoke tag "a b" -> done, 0 sessions, 0 ms',
        "get 0001020304050607... -> pending",
      ].join("\n"),
    );
  });

  it("lacks the methods that the store within lacks", () => {
    const inner = new MemorySessionStore();
    const store = new SpyStore({
      get: (id) => inner.get(id),
      set: (id, record, options) => inner.set(id, record, options),
      delete: (id, reason) => inner.delete(id, reason),
    });
    for (const name of ["take", "revoke", "entries", "purge"] as const) {
      assertEquals(store[name], undefined);
    }
    const whole = new SpyStore(inner);
    for (const name of ["take", "revoke", "entries", "purge"] as const) {
      assertEquals(typeof whole[name], "function");
    }
    assertStrictEquals(whole.inner, inner);
  });
});

describe("waitFor of SpyStore", SANITIZED, () => {
  it("waits until so many calls have ended", async () => {
    const { store, clock } = setup([
      { on: "get", when: { calls: [2, 3] }, fault: { kind: "latency", ms: 9 } },
    ]);
    const one = store.waitFor("get");
    let ended = false;
    const three = store.waitFor("get", 3).finally(() => ended = true);
    for (let i = 0; i < 3; i++) store.get(ID);
    store.delete(ID, "revoked");
    assertEquals((await one).length, 1);
    assertEquals(ended, false);
    clock.advance(9);
    assertEquals(await three, store.of("get"));
    // Those that ended before count.
    assertEquals(await store.waitFor("get", 2), store.of("get"));
  });

  it("counts anew after clear", async () => {
    const { store } = setup();
    store.get(ID);
    store.clear();
    const waiting = store.waitFor("get");
    store.get(OTHER);
    assertEquals((await waiting).map(({ id }) => id), [OTHER]);
  });

  it("sees what a server asks its store", async () => {
    using site = new Site();
    const sessions = new SpyStore(new AsyncStore(site.store.inner), {
      now: () => site.time,
    });
    const server = site.server({
      sessions,
      tag: () => "user:1",
    });
    const session = await site.session(server);
    const writes = await sessions.waitFor("set", 2);
    assertEquals(writes.map(({ tag }) => tag), ["user:1", "user:1"]);
    assertEquals((await site.resume(server, { session })).resumed, true);
    const [lookup] = await sessions.waitFor("get");
    assertEquals(lookup?.outcome, "hit");
    assert(writes.some(({ id }) => id?.join() === lookup?.id?.join()));
    assertEquals(lookup?.signal?.aborted, false);
  });
});
