import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { onAbort } from "../../src/internal/on_abort.ts";

/** A controller, and how many listeners its signal has. */
function counted(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>): void => {
    count++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
    count--;
    remove(...args);
  };
  return { controller, listeners: () => count };
}

describe("onAbort", () => {
  it("calls all that wait, by one listener", () => {
    const { controller, listeners } = counted();
    const called: number[] = [];
    const forget = Array.from(
      { length: 12 },
      (_, i) => onAbort(controller.signal, () => called.push(i)),
    );
    assertEquals(listeners(), 1);
    forget[3]?.();
    controller.abort();
    assertEquals(called, [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("leaves no listener behind, and begins again", () => {
    const { controller, listeners } = counted();
    let called = 0;
    for (let i = 0; i < 3; i++) {
      const forget = onAbort(controller.signal, () => called++);
      assertEquals(listeners(), 1);
      forget();
      forget();
      assertEquals(listeners(), 0);
    }
    onAbort(controller.signal, () => called++);
    controller.abort();
    assertEquals(called, 1);
  });

  it("takes no signal for one that isn't aborted", () => {
    onAbort(undefined, () => {
      throw new Error("called");
    })();
  });
});
