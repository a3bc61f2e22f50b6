import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FakeTime } from "@std/testing/time";
import { Deadlines } from "../../src/internal/deadlines.ts";

describe("Deadlines of one length", () => {
  it("pass in order, up to an eighth late, unless they are called off", () => {
    using time = new FakeTime();
    const passed: string[] = [];
    const deadlines = new Deadlines(800, () => {});
    deadlines.add(() => passed.push("first"));
    const callOff = deadlines.add(() => passed.push("second"));
    time.tick(400);
    deadlines.add(() => passed.push("third"));
    callOff();
    time.tick(399);
    assertEquals(passed, []);
    time.tick(101);
    assertEquals(passed, ["first"]);
    time.tick(400);
    assertEquals(passed, ["first", "third"]);
    deadlines.add(() => passed.push("later"));
    time.tick(900);
    assertEquals(passed.at(-1), "later");
    deadlines.add(() => passed.push("never"));
    deadlines.stop();
    time.tick(9000);
    assertEquals(passed.at(-1), "later");
  });

  it("share a timer, which ends with the last of them", () => {
    using time = new FakeTime();
    const { setInterval, clearInterval } = globalThis;
    const running = new Set<unknown>();
    globalThis.setInterval = ((...args: Parameters<typeof setInterval>) => {
      const timer = setInterval(...args);
      running.add(timer);
      return timer;
    }) as typeof setInterval;
    globalThis.clearInterval = (timer) => {
      running.delete(timer);
      clearInterval(timer);
    };
    const unrefs: unknown[] = [];
    const deadlines = new Deadlines(800, (timer) => unrefs.push(timer));
    deadlines.add(() => {});
    deadlines.add(() => {});
    assertEquals([...running], unrefs);
    assertEquals(running.size, 1);
    time.tick(900);
    assertEquals(running.size, 0);
  });
});
