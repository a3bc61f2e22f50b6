import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Finding } from "../../../src/audit/finding.ts";
import type { AuditReport } from "../../../src/audit/report/report.ts";
import { auditTable } from "../../../src/audit/report/table.ts";
import { finding, hostileReport, reports } from "./sample.ts";

const TABLE = `example.com:443
3 fail, 1 warn, 1 inconclusive, 2 pass, 2 not applicable; 27 connections in
  0.1 s

fail  critical  proof/binder-hash (TLS 1.3)
  A binder of another hash was accepted
  → Update the server

fail  high      isolation/other-name (TLS 1.2 ticket, TLS 1.3)
  A session of a.example.com was resumed under the name b.example.com, without
    a new certificate
  → Give each virtual host session ticket keys and a session cache of its own

warn  low       behaviour/lifetime-hint (TLS 1.3)
  Tickets live for 7 days
  → Set a lifetime of a day or less

Inconclusive:
  robustness/split-hello: The server was silent for 5000 ms

Passed:
  behaviour/tickets (TLS 1.3): 2 tickets of 224 bytes were given
  proof/binder (TLS 1.3)

Not applicable:
  The server accepts no early data (TLS 1.3): early-data/replay,
    early-data/too-much

[2001:db8::1]:8443
Not audited: Connection refused (os error 111)

2 servers
  example.com:443: 3 fail, 1 warn, 1 inconclusive, 2 pass, 2 not applicable
  [2001:db8::1]:8443: not audited`;

describe("auditTable", () => {
  it("has the worst first, a line of advice each, and the rest by name", () => {
    assertEquals(auditTable(reports()), TABLE);
  });

  it("names a probe that passes once, and what it says of behaviour each time", () => {
    const passed = (probe: string): Finding[] => [
      finding({ probe, kind: "tls1.2-id", summary: "One thing" }),
      finding({ probe, kind: "tls1.3", summary: "Another" }),
    ];
    const all = [...passed("proof/binder"), ...passed("behaviour/kinds")];
    const text = auditTable([{ server: "s", findings: all }]);
    assertEquals(text.split("\n").slice(3), [
      "Passed:",
      "  behaviour/kinds (TLS 1.2 id): One thing",
      "  behaviour/kinds (TLS 1.3): Another",
      "  proof/binder (TLS 1.2 id, TLS 1.3)",
    ]);
  });

  it("sums several servers up, those that failed first", () => {
    const of = (server: string, ...findings: Finding[]): AuditReport => ({
      server,
      findings,
    });
    const text = auditTable([
      of("a", finding()),
      of("b", finding({ verdict: "warn", severity: "low" })),
      of("c", finding({ verdict: "fail", severity: "high" }), finding()),
    ]);
    assertEquals(text.slice(text.indexOf("3 servers")).split("\n"), [
      "3 servers",
      "  c: 1 fail, 1 pass",
      "  b: 1 warn",
      "  a: 1 pass",
    ]);
  });

  it("fits its width", () => {
    const long = finding({
      verdict: "fail",
      probe: `isolation/${"long-".repeat(20)}name`,
      summary: "word ".repeat(60),
      advice: "x".repeat(300),
    });
    const all = [...reports(), { server: "s".repeat(200), findings: [long] }];
    for (const width of [42, 80, 120]) {
      const lines = auditTable([...all, hostileReport()], { width }).split(
        "\n",
      );
      assertEquals(lines.filter((line) => [...line].length > width), []);
    }
  });

  it("has colours where they are asked for", () => {
    const colored = auditTable(reports(), { color: true });
    assert(colored.includes("\x1b[1;31mfail  critical\x1b[0m"));
    assertEquals(colored.replaceAll(/\p{Cc}\[[\d;]*m/gu, ""), TABLE);
  });

  it("draws the connections of fail, warn and inconclusive, where they are asked for", () => {
    const text = auditTable(reports(), { ladders: true });
    assertEquals(text.match(/^ {2}client +server$/gm)?.length, 3);
    assert(text.includes("\n  Resumption with the name b.example.com\n"));
  });

  it("escapes what a server sent", () => {
    const text = auditTable([hostileReport()], { ladders: true });
    assertEquals(text.replaceAll("\n", "").match(/\p{C}/gu), null);
    assert(text.includes("\\u{1b}[2J"));
  });

  it("says so if there are no findings", () => {
    const text = auditTable([{ server: "empty", findings: [] }]);
    assertEquals(text, "empty\nno findings; 0 connections in 0.0 s");
  });

  it("refuses options that it doesn't know, or of another type", () => {
    const wrong = (options: object): () => string => () =>
      auditTable([], options);
    assertThrows(wrong({ colour: true }), TypeError, "options.colour");
    assertThrows(wrong({ color: 1 }), TypeError, "options.color");
    assertThrows(wrong({ width: 41 }), RangeError, "options.width");
  });
});
