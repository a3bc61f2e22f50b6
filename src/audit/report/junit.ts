import { checkedChoice } from "../../internal/option_checks.ts";
import { type Markup, markup } from "../../internal/markup.ts";
import { ownOptions } from "../../internal/own_options.ts";
import type { Finding } from "../finding.ts";
import { shownEvidence } from "./evidence.ts";
import { FAIL_ON, type FailOn, failsOn } from "./fail_on.ts";
import { costOf, KINDS, startOf } from "./order.ts";
import { type AuditReport, checkReports } from "./report.ts";
import { printable } from "./text.ts";

/** Options of {@linkcode auditJUnit}. */
export interface AuditJUnitOptions {
  /**
   * Which findings are failures.
   *
   * @default {"fail"}
   */
  failOn?: FailOn | undefined;
}

/** A finding as a test case has it. */
type Outcome = "passed" | "failed" | "skipped";

/**
 * Returns audits as JUnit's XML, which CI systems show: a test suite for each server, a test case
 * for each finding. Findings that aren't applicable or are inconclusive are skipped, unless
 * `failOn` makes failures of them; a server that couldn't be audited is an error. What XML can't
 * hold of a server's text is escaped.
 *
 * @throws {TypeError} If `reports` isn't an array of reports, or an option has the wrong type or
 * an unknown name.
 * @throws {RangeError} If a report's `startedAt` is no time.
 *
 * @example A report for CI
 * ```ts
 * import { auditContext, auditJUnit } from "@sesame/tls/audit";
 * import { TlsContext } from "@sesame/tls";
 * import { createTestCertificate } from "@sesame/tls/testing";
 * import { assertMatch } from "@std/assert";
 *
 * using context = new TlsContext({ ...createTestCertificate() });
 * const audit = auditContext(context, { probes: ["robustness"] });
 * const findings = await Array.fromAsync(audit);
 * const xml = auditJUnit([{ server: "my context", findings }], { failOn: "medium" });
 * assertMatch(xml, /<testsuite name="my context" tests="\d+" failures="0"/);
 * ```
 */
export function auditJUnit(
  reports: readonly AuditReport[],
  options: AuditJUnitOptions = {},
): string {
  const { failOn = "fail" } = ownOptions(options, { failOn: true }, {
    of: "auditJUnit",
  });
  checkedChoice(failOn, FAIL_ON, "failOn");
  checkReports(reports);
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sesame audit">
${reports.map((report) => suiteOf(report, failOn))}</testsuites>
`.text;
}

function suiteOf(report: AuditReport, failOn: FailOn): Markup {
  const { server, findings, failure } = report;
  const start = startOf(report);
  const errors = failure === undefined ? 0 : 1;
  const outcomes = findings.map((finding) => outcomeOf(finding, failOn));
  const count = (outcome: Outcome): string =>
    String(outcomes.filter((other) => other === outcome).length);
  return markup`<testsuite name="${printable(server)}" tests="${
    String(findings.length + errors)
  }" failures="${count("failed")}" errors="${String(errors)}" skipped="${
    count("skipped")
  }" time="${secondsOf(costOf(report).ms)}"${
    start === null ? [] : markup` timestamp="${start}"`
  }>
${findings.map((finding, i) => caseOf(finding, outcomes[i] ?? "passed"))}${
    failure === undefined
      ? []
      : markup`<testcase classname="audit" name="audit"><error message="${
        printable(failure)
      }"/></testcase>\n`
  }</testsuite>
`;
}

function caseOf(finding: Finding, outcome: Outcome): Markup {
  const { probe, kind, title, ms } = finding;
  const name = kind === null ? title : `${title} (${KINDS[kind]})`;
  return markup`<testcase classname="${
    printable(probe.replace("/", "."))
  }" name="${printable(name)}" time="${secondsOf(ms)}">${
    resultOf(finding, outcome)
  }</testcase>
`;
}

function resultOf(finding: Finding, outcome: Outcome): Markup {
  const { verdict } = finding;
  const summary = printable(finding.summary);
  switch (outcome) {
    case "failed":
      return markup`<failure type="${verdict}" message="${summary}">${
        textOf(finding)
      }</failure>`;
    case "skipped":
      return markup`<skipped message="${`${verdict}: ${summary}`}"/>`;
    case "passed":
      return markup`<system-out>${`${verdict}: ${summary}`}</system-out>`;
  }
}

/** All that a report has of a finding, in lines. */
function textOf(finding: Finding): string {
  const { severity, advice, references } = finding;
  return [
    `Severity: ${severity}`,
    ...(advice === null ? [] : [`To do: ${advice}`]),
    ...(references.length === 0 ? [] : [`See: ${references.join("; ")}`]),
    ...shownEvidence(finding).flatMap(({ title, trace }) => [
      "",
      title,
      ...trace.toLadder().split("\n"),
    ]),
  ].map(printable).join("\n");
}

function outcomeOf(finding: Finding, failOn: FailOn): Outcome {
  if (failsOn(finding, failOn)) return "failed";
  const { verdict } = finding;
  return verdict === "not applicable" || verdict === "inconclusive"
    ? "skipped"
    : "passed";
}

function secondsOf(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
