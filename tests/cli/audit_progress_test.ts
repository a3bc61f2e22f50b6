import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Progress } from "../../src/cli/audit/progress.ts";
import { type Screen, Terminal } from "../../src/cli/terminal.ts";
import { finding } from "../audit/report/sample.ts";

/** What is drawn on a screen that is a terminal, or isn't. */
function drawn(isTerminal: boolean): string[] {
  const lines: string[] = [];
  const screen: Screen = {
    isTerminal,
    columns: () => 80,
    printLine: () => {},
    printErrorLine: () => {},
    draw: (text) => void lines.push(text),
  };
  const progress = new Progress(new Terminal(false, screen), "host:443");
  const at = { kind: null, total: 2 };
  progress.show({ ...at, probe: null, done: 0, connections: 0 });
  progress.show({ ...at, probe: "proof/a", done: 0, connections: 1 });
  progress.add(finding({ verdict: "fail" }));
  progress.show({ ...at, probe: "proof/b", done: 1, connections: 5 });
  progress.add(finding());
  progress.show({ ...at, probe: null, done: 2, connections: 7 });
  assertEquals(progress.connections, 7);
  return lines.filter((line) => !line.startsWith("\r"));
}

describe("Progress", () => {
  it("draws how far an audit is, where there is a terminal", () => {
    assertEquals(drawn(true), [
      "host:443: 0 of 2, 0 connections, survey",
      "host:443: 0 of 2, 1 connection, proof/a",
      "host:443: 1 of 2, 1 bad, 5 connections, proof/b",
      "host:443: 2 of 2, 1 bad, 7 connections, done",
    ]);
    assertEquals(drawn(false), []);
  });
});
