import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Progress } from "../../../src/cli/audit/progress.ts";
import { type Screen, Terminal } from "../../../src/cli/terminal.ts";
import { finding } from "../../audit/report/sample.ts";

/** What is drawn on a screen that is a terminal, or isn't. */
function drawn(isTerminal: boolean, servers = 1): string[] {
  const lines: string[] = [];
  const screen: Screen = {
    isTerminal,
    columns: () => 80,
    printLine: () => {},
    printErrorLine: () => {},
    draw: (text) => void lines.push(text),
  };
  const all = new Progress(new Terminal(false, screen), servers);
  const progress = all.of("host:443");
  const at = { kind: null, total: 2 };
  progress.show({ ...at, probe: null, done: 0, connections: 0 });
  progress.show({ ...at, probe: "proof/a", done: 0, connections: 1 });
  progress.add(finding({ verdict: "fail" }));
  progress.show({ ...at, probe: "proof/b", done: 1, connections: 5 });
  progress.add(finding());
  progress.show({ ...at, probe: null, done: 2, connections: 7 });
  assertEquals(progress.connections, 7);
  progress.end();
  const other = all.of("other:443");
  other.show({ ...at, probe: "proof/a", done: 0, connections: 2 });
  return lines.filter((line) => !line.startsWith("\r"));
}

describe("Progress", () => {
  it("draws how far an audit is, where there is a terminal", () => {
    assertEquals(drawn(true).slice(0, 4), [
      "0 connections; host:443: 0 of 2, survey",
      "1 connection; host:443: 0 of 2, proof/a",
      "5 connections, 1 bad; host:443: 1 of 2, proof/b",
      "7 connections, 1 bad; host:443: 2 of 2, done",
    ]);
    assertEquals(drawn(false), []);
  });

  it("counts the servers where there are several, and what was found at all of them", () => {
    assertEquals(drawn(true, 3).slice(3), [
      "0 of 3 servers, 7 connections, 1 bad; host:443: 2 of 2, done",
      "1 of 3 servers, 9 connections, 1 bad; other:443: 0 of 2, proof/a",
    ]);
  });
});
