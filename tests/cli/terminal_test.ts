import { assert, assertEquals, assertFalse } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Screen, Terminal } from "../../src/cli/terminal.ts";

const ERASED = "\r\x1b[K";

describe("Terminal", () => {
  it("keeps the status line below all others", () => {
    const { screen, written } = recorder();
    const terminal = new Terminal(false, screen);
    assert(terminal.isLive);
    terminal.info("begun");
    terminal.status("1 open");
    terminal.print("a line");
    terminal.status("2 open, and more than fits");
    terminal.end();
    terminal.info("done");
    assertEquals(written, [
      "tell begun",
      "draw 1 open",
      ...[`draw ${ERASED}`, "print a line", "draw 1 open"],
      // The last column stays free: otherwise some terminals begin another line.
      ...[`draw ${ERASED}`, "draw 2 open, a"],
      ...[`draw ${ERASED}`, "tell done"],
    ]);
  });

  it("takes a terminal without a size for one of 80 columns", () => {
    const { screen, written } = recorder();
    new Terminal(false, { ...screen, columns: () => 0 }).status("x".repeat(99));
    assertEquals(written, [`draw ${"x".repeat(79)}`]);
  });

  it("draws nothing after its end", () => {
    const { screen, written } = recorder();
    const terminal = new Terminal(false, screen);
    terminal.end();
    terminal.status("late");
    terminal.info("done");
    assertEquals(written, ["tell done"]);
  });

  it("reports a repeated problem once, with its count", () => {
    const { screen, written } = recorder();
    const terminal = new Terminal(true, screen);
    assertFalse(terminal.isLive);
    terminal.info("not told");
    for (let i = 1; i <= 3; i++) terminal.warn("Store", `failure ${i}`);
    terminal.warn("Forward", "other");
    terminal.end();
    assertEquals(written, [
      "tell Store: failure 1",
      "tell Forward: other",
      "tell Store: 2 more",
    ]);
  });
});

function recorder(): { screen: Screen; written: string[] } {
  const written: string[] = [];
  return {
    written,
    screen: {
      isTerminal: true,
      columns: () => 10,
      printLine: (text) => void written.push(`print ${text}`),
      printErrorLine: (text) => void written.push(`tell ${text}`),
      draw: (text) => void written.push(`draw ${text}`),
    },
  };
}
