import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import { VirtualClock } from "../../../src/testing/clock.ts";
import {
  FaultyStore,
  type PlannedFault,
  type StoreMethod,
} from "../../../src/testing/faulty_store.ts";
import {
  anHour,
  FIRST,
  ID,
  setup,
  turns,
} from "../../support/faulty_stores.ts";

describe("Latency of FaultyStore", () => {
  const slow = (ms: number, on: StoreMethod = "get"): PlannedFault[] => [
    { on, fault: { kind: "latency", ms } },
  ];

  it("lasts until the virtual clock has moved so far, forwards by steps or set", async () => {
    const { store, clock } = setup(slow(100));
    store.set(ID, FIRST, anHour(clock));
    const ended: string[] = [];
    const get = async (name: string): Promise<void> => {
      assertEquals(await store.get(ID), FIRST);
      ended.push(name);
    };
    const first = get("first");
    clock.advance(60);
    const second = get("second");
    clock.advance(39);
    await turns();
    assertEquals(ended, []);
    clock.advance(1);
    await first;
    await turns();
    assertEquals(ended, ["first"]);
    clock.set(clock.now() + 1_000);
    await second;
    assertEquals(ended, ["first", "second"]);
  });

  it("ends for the earliest first, where the clock leaps", async () => {
    const { store, clock } = setup(slow(100));
    const ended: number[] = [];
    const waits = [100, 30, 60].map(async (ms) => {
      store.faults = slow(ms);
      await store.get(ID);
      ended.push(ms);
    });
    clock.advance(1_000);
    await Promise.all(waits);
    assertEquals(ended, [30, 60, 100]);
  });

  it("ends when the signal is aborted, without an effect", async () => {
    for (const options of [{}, { clock: new VirtualClock() }]) {
      const inner = new MemorySessionStore();
      const store = new FaultyStore(inner, {
        ...options,
        faults: slow(60_000, "set"),
      });
      const expiresAt = new Date(Date.now() + 3_600_000);
      const controller = new AbortController();
      const { signal } = controller;
      const write = async (): Promise<void> =>
        await store.set(ID, FIRST, { expiresAt, signal });
      const writing = write();
      const reason = new Error("too late");
      controller.abort(reason);
      assertStrictEquals(await assertRejects(() => writing), reason);
      assertStrictEquals(await assertRejects(write), reason);
      options.clock?.advance(60_000);
      await turns();
      assertEquals(inner.size, 0);
    }
  });

  it("is that of a timer by default, which FakeTime replaces", async () => {
    const timers: [() => void, number | undefined][] = [];
    const { setTimeout } = globalThis;
    const store = new FaultyStore(new MemorySessionStore(), {
      faults: slow(70),
    });
    let answer: unknown;
    try {
      globalThis.setTimeout = ((end: () => void, ms?: number) =>
        timers.push([end, ms])) as unknown as typeof setTimeout;
      answer = store.get(ID);
    } finally {
      globalThis.setTimeout = setTimeout;
    }
    const [[end, ms] = []] = timers;
    assertEquals(ms, 70);
    end?.();
    assertEquals(await answer, undefined);
  });

  it("holds a list back", async () => {
    const { store, clock } = setup(slow(100, "entries"));
    store.set(ID, FIRST, anHour(clock));
    const list = Array.fromAsync(store.entries?.() ?? []);
    clock.advance(100);
    assertEquals((await list).length, 1);
  });
});
