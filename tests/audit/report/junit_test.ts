import { assert, assertEquals, assertThrows } from "@std/assert";
import { it } from "@std/testing/bdd";
import { FAIL_ON, failsOn } from "../../../src/audit/report/fail_on.ts";
import { auditJUnit } from "../../../src/audit/report/junit.ts";
import { describeWith, run } from "../../support/programs.ts";
import { finding, hostileReport, realReport, reports } from "./sample.ts";

/** What an XPath expression finds in a report. */
async function found(xml: string, expression: string): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    await Deno.writeTextFile(path, xml);
    const { code, stdout, stderr } = await run("xmllint", [
      ...["--nonet", "--xpath", expression, path],
    ]);
    assertEquals([code, stderr], [0, ""]);
    return stdout.trim();
  } finally {
    await Deno.remove(path);
  }
}

describeWith("xmllint", "auditJUnit", () => {
  it("is a suite for each server, and a case for each finding", async () => {
    const xml = auditJUnit(reports());
    const of = (what: string): Promise<string> => found(xml, what);
    assertEquals(await of("count(//testsuite)"), "2");
    assertEquals(await of("count(//testsuite[1]/testcase)"), "9");
    assertEquals(
      await of(
        "concat(//testsuite[1]/@tests, ' ', //testsuite[1]/@failures, ' ', //testsuite[1]/@errors, ' ', //testsuite[1]/@skipped)",
      ),
      "9 3 0 3",
    );
    assertEquals(await of("count(//failure)"), "3");
    assertEquals(await of("count(//skipped)"), "3");
    assertEquals(
      await of("string(//testsuite[2]/testcase/error/@message)"),
      "Connection refused (os error 111)",
    );
    assertEquals(
      await of("string(//testcase[2]/@name)"),
      "A session is resumed under its own name alone (TLS 1.3)",
    );
    const text = await of("string(//testcase[2]/failure)");
    assert(text.includes("To do: Give each virtual host"), text);
    assert(text.includes("See: RFC 6066, 3; CVE-2025-23419"), text);
    assert(text.includes("ClientHello ──"), text);
  });

  it("says when the audit began, if the report does", async () => {
    const [report] = reports();
    assert(report);
    const startedAt = Date.UTC(2026, 10, 27, 8, 40, 59);
    const dated = auditJUnit([report, { ...report, startedAt }]);
    const of = (what: string): Promise<string> => found(dated, what);
    assertEquals(await of("count(//testsuite/@timestamp)"), "1");
    const time = await of("string(//testsuite[2]/@timestamp)");
    assertEquals(time, "2026-11-27T08:40:59.000Z");
  });

  it("fails on what it is told to", async () => {
    const failures: [string, number][] = [];
    for (const failOn of FAIL_ON) {
      const [audited] = reports();
      const xml = auditJUnit(audited ? [audited] : [], { failOn });
      failures.push([failOn, Number(await found(xml, "count(//failure)"))]);
      assertEquals(
        failures.at(-1)?.[1],
        audited?.findings.filter((f) => failsOn(f, failOn)).length,
      );
    }
    assertEquals(failures, [
      ["fail", 3],
      ["warn", 4],
      ["inconclusive", 5],
      ["critical", 1],
      ["high", 3],
      ["medium", 3],
      ["low", 4],
      ["info", 4],
      ["never", 0],
    ]);
    assertEquals(failsOn(finding({ severity: "critical" }), "info"), false);
  });

  it("has the findings of a real audit", async () => {
    const report = await realReport();
    const xml = auditJUnit([report], { failOn: "warn" });
    assertEquals(
      Number(await found(xml, "count(//testcase)")),
      report.findings.length,
    );
    const text = await found(xml, "string(//failure)");
    assert(text.includes("NewSessionTicket"), text);
  });

  it("is XML whatever a server sent", async () => {
    const xml = auditJUnit([hostileReport()]);
    assertEquals(await found(xml, "count(//testcase)"), "6");
    assertEquals(await found(xml, "count(//img)"), "0");
    const message = await found(xml, "string(//failure/@message)");
    assert(message.includes(`<img src=x onerror="alert('1')">]]>`), message);
    assert(message.includes("\\u{1b}[2J\\u{d}\\u{a}"), message);
  });

  it("refuses a level that there isn't", () => {
    assertThrows(
      () => auditJUnit([], { failOn: "bad" as "fail" }),
      TypeError,
      "options.failOn must be",
    );
  });
});
