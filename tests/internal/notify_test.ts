import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { consoleErrors } from "../support/console_errors.ts";
import { notify } from "../../src/internal/notify.ts";

describe("A program's listener", () => {
  it("is called, and what it throws or rejects with is printed", async () => {
    const failure = new Error("of the listener");
    let calls = 0;
    const printed = await consoleErrors(async () => {
      notify("onEvent", () => calls++);
      notify("onEvent", () => {
        throw failure;
      });
      notify("onEvent", () => Promise.reject(failure));
      await Promise.resolve();
    });
    assertEquals(calls, 1);
    const line = ["onEvent threw:", failure];
    assertEquals(printed, [line, line]);
  });
});
