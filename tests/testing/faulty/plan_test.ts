import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { VirtualClock } from "../../../src/testing/clock.ts";
import type {
  FaultyStore,
  PlannedFault,
  StoreFault,
} from "../../../src/testing/faulty_store.ts";
import {
  anHour,
  FIRST,
  ID,
  OTHER,
  SECOND,
  setup,
} from "../../support/faulty_stores.ts";

describe("A fault of FaultyStore", () => {
  const failing: StoreFault = { kind: "throws-sync" };

  /** Which of ten look-ups fail, by their number. */
  function failures(
    store: FaultyStore,
    id = ID,
    on: "get" | "take" = "get",
  ): number[] {
    return Array.from({ length: 10 }, (_, i) => i + 1).filter((_) => {
      try {
        store[on]?.(id);
        return false;
      } catch {
        return true;
      }
    });
  }

  it("applies to all calls of its methods, and no others", () => {
    const { store } = setup([{ on: ["get", "take"], fault: failing }]);
    assertThrows(() => store.get(ID), Error, "Planned failure of get");
    assertThrows(() => store.take?.(ID), Error, "Planned failure of take");
    assertEquals(store.set(ID, FIRST, anHour()), undefined);
    assertEquals(store.injected, { "throws-sync": 2 });
  });

  it("applies to the calls that are numbered", () => {
    const one = setup([{ on: "get", when: { calls: 3 }, fault: failing }]);
    assertEquals(failures(one.store), [3]);
    const some = [{
      on: "get",
      when: { calls: [1, 4] },
      fault: failing,
    }] as const;
    const { store } = setup([...some]);
    assertEquals(failures(store), [1, 4]);
    assertEquals(failures(store), []);
    store.faults = some;
    assertEquals(failures(store), [1, 4]);
    assertEquals(store.injected, { "throws-sync": 4 });
  });

  it("applies to the calls about an id, and counts only those", () => {
    const when = { id: ID.slice(), calls: 2 };
    const { store } = setup([{ on: "get", when, fault: failing }]);
    when.id.fill(0);
    assertEquals(failures(store, OTHER), []);
    assertEquals(failures(store), [2]);
  });

  it("applies to the calls between two times", () => {
    const clock = new VirtualClock();
    const { store } = setup([{
      on: "get",
      when: { from: new Date(clock.now() + 10), until: clock.now() + 20 },
      fault: failing,
    }], { clock });
    for (const [step, count] of [[0, 0], [9, 0], [1, 10], [9, 10], [1, 0]]) {
      clock.advance(step ?? 0);
      assertEquals(failures(store).length, count, `${step} ms later`);
    }
  });

  it("applies to as many calls as is likely, the same by the same seed", () => {
    const faults: PlannedFault[] = [
      { on: "get", when: { probability: 0.5 }, fault: failing },
    ];
    const bySeed = (seed: string | number): string =>
      failures(setup(faults, { seed }).store).join();
    const runs = Array.from({ length: 20 }, (_, seed) => bySeed(seed));
    assertEquals(runs, Array.from({ length: 20 }, (_, seed) => bySeed(seed)));
    assert(new Set(runs).size >= 15, "seeds make a difference");
    const { length } = runs.flatMap((run) => run.split(",").filter(Boolean));
    assert(length > 60 && length < 140, `${length} of 200 failed`);
    const [planned] = faults;
    assert(planned);
    for (const [probability, count] of [[0, 0], [1, 10]] as const) {
      const { store } = setup([{ ...planned, when: { probability } }]);
      assertEquals(failures(store).length, count);
    }
  });

  it("applies to other calls than the next one that is as likely", () => {
    const likely = { when: { probability: 0.5 }, fault: failing };
    const both = setup([{ on: "get", ...likely }, { on: "take", ...likely }]);
    const gets = failures(both.store);
    const takes = failures(both.store, ID, "take");
    assert(String(gets) !== String(takes));
  });

  it("comes after those that are planned before it", async () => {
    const slow: PlannedFault = {
      on: "get",
      fault: { kind: "latency", ms: 50 },
    };
    const down: PlannedFault = { on: "get", fault: { kind: "error" } };
    const first = setup([down, slow]).store;
    await assertRejects(async () => await first.get(ID));
    assertEquals(first.injected, { error: 1 });

    const { store, clock } = setup([slow, down]);
    const answer = Promise.resolve(store.get(ID));
    assertEquals(store.injected, { latency: 1 });
    clock.advance(50);
    await assertRejects(() => answer);
    assertEquals(store.injected, { latency: 1, error: 1 });
  });

  it("corrupts what is stale, too", () => {
    const { store } = setup([
      { on: "get", fault: { kind: "stale-read" } },
      { on: "get", fault: { kind: "corrupt", at: -1, xor: 0x80 } },
    ]);
    store.set(ID, FIRST, anHour());
    store.set(ID, SECOND, anHour());
    assertEquals(store.get(ID), Uint8Array.of(1, 2, 0x83));
    assertEquals(store.inner.get(ID), SECOND);
  });

  it("isn't counted where there is nothing to spoil", () => {
    const kinds = ["stale-read", "wrong-record", "expired", "corrupt"] as const;
    const { store } = setup(
      kinds.map((kind) => ({ on: "get", fault: { kind } })),
    );
    store.inner.set(OTHER, FIRST, anHour());
    assertEquals(store.get(ID), undefined);
    assertEquals(store.injected, {});
    store.faults = [{ on: "get", fault: { kind: "corrupt", at: 3, xor: 1 } }];
    assertEquals(store.get(OTHER), FIRST);
    assertEquals(store.injected, {});
  });

  it("can't be one that makes no sense", () => {
    const wrong = [
      [{ on: "get", fault: { kind: "slow" } }, "kind must be one of latency, "],
      [{ on: "fetch", fault: { kind: "never" } }, "on must be one of get"],
      [
        { on: "get", fault: { kind: "duplicate" } },
        'on must be one of take for a fault of kind "duplicate"',
      ],
      [{ on: "get", fault: { kind: "latency" } }, "ms must be a number"],
      [
        { on: "get", fault: { kind: "latency", ms: 1, milis: 1 } },
        "options.faults[0].fault.milis is not an option",
      ],
      [
        { on: "get", fault: { kind: "never", ms: 1 } },
        "options.faults[0].fault.ms is not an option",
      ],
      [
        { on: "get", whn: { calls: 2 }, fault: { kind: "never" } },
        "options.faults[0].whn is not an option",
      ],
      [null, "options.faults[0] must be an object, received null"],
      [
        { on: "get", fault: { kind: "latency", ms: -1 } },
        "ms must be a finite number of at least 0",
      ],
      [
        { on: "set", fault: { kind: "corrupt", xor: 0 } },
        "xor must be a whole number from 1 to 255",
      ],
      [
        { on: "set", fault: { kind: "corrupt", at: 0.5 } },
        "at must be a whole",
      ],
      ...[
        [{ call: 2 }, "options.faults[0].when.call is not an option"],
        [null, "options.faults[0].when must be an object, received null"],
        [{ calls: 0 }, "calls must be a whole number of at least 1"],
        [{ calls: [1, 1.5] }, "calls must be a whole number"],
        [
          { probability: 2 },
          "probability must be a finite number from 0 to 1, received 2",
        ],
        [{ id: "id" }, 'id must be a Uint8Array, received "id"'],
        [{ from: new Date(NaN) }, "from must be a valid Date"],
        [{ until: "now" }, "until must be a valid Date"],
      ].map(([when, what]) =>
        [{ on: "get", when, fault: { kind: "never" } }, what] as const
      ),
    ] as const;
    const { store } = setup([]);
    for (const [planned, what] of wrong) {
      const plan = (): void => {
        store.faults = [planned as PlannedFault];
      };
      assertThrows(plan, Error, String(what));
      assertEquals(store.faults, []);
    }
  });

  it("isn't looked for under another name, nor timed by what is no clock", () => {
    const make = (options: object) => () => setup([], options);
    assertThrows(
      make({ fault: [] }),
      TypeError,
      "options.fault is not an option",
    );
    assertThrows(
      make({ clock: new VirtualClock().now }),
      TypeError,
      "options.clock must be a VirtualClock, such as sandbox.clock, received a function",
    );
  });
});
