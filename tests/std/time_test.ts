/**
 * Tests that the offline adapter of `@std/testing/time` does what that does: where
 * JSR can be reached, the same tests run against it.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { FakeTime, TimeError } from "@std/testing/time";
import { describe, it } from "@std/testing/bdd";

const START = Date.UTC(2031, 1, 2, 3, 4, 5, 678);

describe("FakeTime", () => {
  it("starts where it is told, or at the real time", () => {
    for (const start of [START, new Date(START), new Date(START).toJSON()]) {
      using time = new FakeTime(start);
      assertEquals(time.now, START);
      assertEquals(time.start, START);
    }
    const before = Date.now();
    using time = new FakeTime();
    assert(before <= time.now && time.now <= before + 60_000);
  });

  it("is what Date tells", () => {
    using time = new FakeTime(START);
    time.tick(22);
    assertEquals(Date.now(), START + 22);
    assertEquals(new Date().getTime(), START + 22);
    assertEquals(Date(), new Date(START + 22).toString());
    assertEquals(new Date(5).getTime(), 5);
    assertEquals(new Date("1970-01-01T00:00:01Z").getTime(), 1000);
    assertEquals(Date.UTC(1970, 0, 2), 86_400_000);
    assertEquals(Date.parse("1970-01-02"), 86_400_000);
    assert(new Date() instanceof Date);
  });

  it("runs timeouts in the order of their time, at their time", () => {
    using time = new FakeTime(START);
    const log: unknown[] = [];
    const logs = (name: string): void => void log.push([name, Date.now()]);
    setTimeout(logs, 20, "b");
    setTimeout(logs, 10, "a");
    setTimeout(logs, 20, "c");
    setTimeout(logs, 31, "late");
    const dropped = setTimeout(logs, 15, "dropped");
    clearTimeout(dropped);
    setTimeout(() => setTimeout(logs, 5, "nested"), 25);
    time.tick(30);
    assertEquals(log, [
      ["a", START + 10],
      ["b", START + 20],
      ["c", START + 20],
      ["nested", START + 30],
    ]);
    assertEquals(time.now, START + 30);
  });

  it("runs intervals until they are cleared", () => {
    using time = new FakeTime(START);
    const log: number[] = [];
    const id = setInterval(() => {
      if (log.push(Date.now() - START) === 3) clearInterval(id);
    }, 10);
    time.now = START + 15;
    assertEquals(log, [10]);
    time.tick(100);
    assertEquals(log, [10, 20, 30]);
  });

  it("aborts signals that time out", () => {
    const real = AbortSignal.timeout;
    {
      using time = new FakeTime(START);
      const signal = AbortSignal.timeout(1000);
      time.tick(999);
      assert(!signal.aborted);
      time.tick(1);
      assertEquals(signal.reason.name, "TimeoutError");
    }
    assert(AbortSignal.timeout === real);
  });

  it("lets promises go on", async () => {
    using time = new FakeTime(START);
    let isDone = false;
    const done = (async () => {
      await Promise.resolve();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      isDone = true;
    })();
    await time.tickAsync(1000);
    await done;
    assert(isDone);
  });

  it("puts the real time back", () => {
    const real = { Date, setTimeout, clearTimeout, setInterval, clearInterval };
    const time = new FakeTime(START);
    const error = assertThrows(() => new FakeTime(), TimeError);
    assertEquals(error.name, "TimeError");
    assert(setTimeout !== real.setTimeout);
    time.restore();
    for (const [name, value] of Object.entries(real)) {
      assert(Reflect.get(globalThis, name) === value, name);
    }
    assertThrows(() => time.restore(), TimeError);
  });

  it("doesn't run back", () => {
    using time = new FakeTime(START);
    assertThrows(() => time.now = START - 1, RangeError);
  });

  it("doesn't start at no time", () => {
    assertThrows(() => new FakeTime(NaN), TypeError);
    assertThrows(() => new FakeTime("noon"), TypeError);
  });
});
