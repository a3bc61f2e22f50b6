import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FakeTime } from "@std/testing/time";
import { Deadlines } from "../../src/internal/deadlines.ts";

describe("Deadlines", () => {
  it("are passed when their time is up, by one timer", () => {
    using time = new FakeTime();
    let timers = 0;
    const deadlines = new Deadlines(800, () => timers++);
    const passed: string[] = [];
    deadlines.add(() => passed.push("first"));
    const callOff = deadlines.add(() => passed.push("called off"));
    time.tick(400);
    deadlines.add(() => passed.push("second"));
    callOff();
    time.tick(399);
    assertEquals(passed, []);
    time.tick(101);
    assertEquals(passed, ["first"]);
    time.tick(400);
    assertEquals([passed, timers], [["first", "second"], 1]);
  });

  it("have no timer when none is left, and begin another", () => {
    using time = new FakeTime();
    let timers = 0;
    const deadlines = new Deadlines(800, () => timers++);
    deadlines.add(() => {})();
    time.tick(100);
    let isPassed = false;
    deadlines.add(() => isPassed = true);
    time.tick(900);
    assertEquals([isPassed, timers], [true, 2]);
  });

  it("are passed when they say if they start the timer, which ends with the last", () => {
    using time = new FakeTime();
    const deadlines = new Deadlines(800);
    const passed: number[] = [];
    const add = () => deadlines.add(() => passed.push(time.now - start));
    const start = time.now;
    add();
    time.tick(50);
    add();
    time.tick(10_000);
    assertEquals(passed, [800, 900]);
    add()();
    time.tick(50);
    add();
    time.tick(800);
    assertEquals(passed.at(-1), 10_900);
  });

  it("are passed in time where they are shorter than eight milliseconds", () => {
    using time = new FakeTime();
    const start = time.now;
    const deadlines = new Deadlines(3);
    const passed: number[] = [];
    for (let i = 0; i < 2; i++) {
      deadlines.add(() => passed.push(time.now - start));
    }
    time.tick(10);
    assertEquals(passed, [3, 4]);
  });

  it("aren't passed early where timers drop fractions of a millisecond", () => {
    using time = new FakeTime();
    const { setInterval } = globalThis;
    globalThis.setInterval =
      ((callback: () => void, ms: number) =>
        setInterval(callback, Math.trunc(ms))) as typeof setInterval;
    try {
      const start = time.now;
      for (const ms of [1, 7, 9, 12, 15, 20, 50, 201]) {
        let passed = 0;
        new Deadlines(ms).add(() => passed = time.now - start);
        const begin = time.now - start;
        time.tick(2 * ms);
        assert(passed - begin >= ms, `${ms} ms: ${passed - begin}`);
      }
    } finally {
      globalThis.setInterval = setInterval;
    }
  });

  it("are passed in time where a busy event loop delays each tick", () => {
    using time = new BusyTime(4);
    const start = time.now;
    const deadlines = new Deadlines(200);
    const passed: number[] = [];
    const add = () => deadlines.add(() => passed.push(time.now - start));
    add();
    for (const pause of [50, 60, 150]) {
      time.tick(pause);
      add();
    }
    time.tick(1_000);
    // Each at the first tick, of 100 ms, after its time and that of others of its tick.
    assertEquals(passed, [200, 300, 400, 500]);
  });

  it("have their time if they are added when the last one is passed", () => {
    using time = new BusyTime(8);
    const start = time.now;
    const deadlines = new Deadlines(200);
    const passed: number[] = [];
    const add = (): void => {
      const callOff = deadlines.add(() => {
        passed.push(time.now - start);
        callOff();
        if (passed.length < 3) add();
      });
    };
    const callOff = deadlines.add(() => {});
    add();
    callOff();
    time.tick(1_000);
    assertEquals(passed, [200, 400, 600]);
  });

  it("aren't passed early where one of the clocks is ahead", () => {
    using time = new BusyTime(1);
    const start = time.now;
    performance.now = () => 1_000 * time.now;
    let passed = 0;
    const deadlines = new Deadlines(800);
    deadlines.add(() => {});
    time.tick(50);
    deadlines.add(() => passed = time.now - start);
    time.tick(1_000);
    assertEquals(passed, 900);
  });

  it("stop with the last one once they are released", () => {
    using _time = new FakeTime();
    const cleared: unknown[] = [];
    const { clearInterval } = globalThis;
    globalThis.clearInterval = (id): void => {
      cleared.push(id);
      clearInterval(id);
    };
    try {
      let timer: unknown;
      const deadlines = new Deadlines(800, (id) => timer = id);
      const callOff = deadlines.add(() => {});
      deadlines.release();
      assertEquals(cleared, []);
      callOff();
      assertEquals(cleared, [timer]);
    } finally {
      globalThis.clearInterval = clearInterval;
    }
  });
});

/** Time in which intervals are `factor` times as long. */
class BusyTime extends FakeTime {
  readonly #now = performance.now;

  constructor(factor: number) {
    super();
    const { setInterval } = globalThis;
    globalThis.setInterval =
      ((callback: () => void, ms: number) =>
        setInterval(callback, factor * ms)) as typeof setInterval;
    performance.now = () => this.now;
  }

  override [Symbol.dispose](): void {
    performance.now = this.#now;
    super[Symbol.dispose]();
  }
}
