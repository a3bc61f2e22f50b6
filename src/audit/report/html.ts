import {
  htmlPage,
  type Markup,
  markup,
  type MarkupPart,
} from "../../internal/markup.ts";
import { toLadderMarkup } from "../../testing/trace/html.ts";
import { LADDER_STYLE } from "../../testing/trace/style.ts";
import type { Evidence, Facts, Finding, Verdict } from "../finding.ts";
import { probes } from "../probes/mod.ts";
import { shownEvidence } from "./evidence.ts";
import {
  costOf,
  countVerdicts,
  type FindingGroup,
  inGroups,
  KINDS,
  startOf,
  VERDICTS,
} from "./order.ts";
import { referenceUrl } from "./references.ts";
import { type AuditReport, checkReports } from "./report.ts";
import { REPORT_STYLE } from "./style.ts";
import { countText, printable, secondsText } from "./text.ts";

/** The verdicts whose findings are listed below the others, folded. */
const FOLDED: readonly (readonly [Verdict, string])[] = [
  ["pass", "Passed"],
  ["not applicable", "Not applicable"],
];

/**
 * Returns audits as an HTML page without scripts and external resources, for browsers of any
 * width, light and dark. What failed comes first, with the messages of its connections. What a
 * server sent is escaped.
 *
 * @throws {TypeError} If `reports` isn't an array of reports.
 * @throws {RangeError} If a report's `startedAt` is no time.
 *
 * @example A page
 * ```ts
 * import { auditContext, auditHtml } from "@sesame/tls/audit";
 * import { TlsContext } from "@sesame/tls";
 * import { createTestCertificate } from "@sesame/tls/testing";
 * import { assertStringIncludes } from "@std/assert";
 *
 * using context = new TlsContext({ ...createTestCertificate() });
 * const audit = auditContext(context, { probes: ["robustness"] });
 * const findings = await Array.fromAsync(audit);
 * const page = auditHtml([{ server: "my context", findings }]);
 * assertStringIncludes(page, "<h2>my context</h2>");
 * ```
 */
export function auditHtml(reports: readonly AuditReport[]): string {
  checkReports(reports);
  const title = reports.length === 1
    ? `TLS resumption: ${printable(reports[0]?.server ?? "")}`
    : `TLS resumption: ${countText(reports.length, "server")}`;
  return htmlPage({
    title,
    heading: "TLS resumption",
    style: REPORT_STYLE + LADDER_STYLE,
    body: [
      reports.length > 1 ? overviewOf(reports) : [],
      markup`<main>
${reports.map((report, i) => sectionOf(report, i))}</main>
`,
    ],
  });
}

/** Links to the servers, with their counts. */
function overviewOf(reports: readonly AuditReport[]): Markup {
  return markup`<nav><ul>
${
    reports.map((report, i) =>
      markup`<li><a href="${`#server-${i}`}">${printable(report.server)}</a> ${
        countsOf(report)
      }</li>\n`
    )
  }</ul></nav>
`;
}

function sectionOf(report: AuditReport, i: number): Markup {
  const { server, findings, failure } = report;
  const { connections, ms } = costOf(report);
  const start = startOf(report);
  const groups = inGroups(findings);
  const isFolded = (verdict: Verdict): boolean =>
    FOLDED.some(([folded]) => folded === verdict);
  return markup`<section id="${`server-${i}`}">
<h2>${printable(server)}</h2>
<p>${countsOf(report)}</p>
${
    failure === undefined
      ? []
      : markup`<p class="failure">Not audited: ${printable(failure)}</p>\n`
  }<p class="cost">${countText(connections, "connection")} in ${
    secondsText(ms)
  }${
    start === null
      ? []
      : markup`, <time datetime="${start}">${dateText(start)}</time>`
  }</p>
${groups.filter(({ finding }) => !isFolded(finding.verdict)).map(articleOf)}${
    FOLDED.map(([verdict, heading]) => listOf(groups, verdict, heading))
  }</section>
`;
}

/** A time of ISO 8601 for people: to the minute, in UTC. */
function dateText(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

function countsOf({ findings, failure }: AuditReport): MarkupPart {
  const counts = countVerdicts(findings);
  const badges = VERDICTS.filter((verdict) => counts[verdict] > 0).map((
    verdict,
  ) =>
    markup`<span class="badge ${classOf(verdict)}">${
      String(counts[verdict])
    } ${verdict}</span> `
  );
  return failure === undefined
    ? badges
    : [markup`<span class="badge fail">not audited</span> `, ...badges];
}

/** A finding that is to be read: what was seen, what to do, and the connections. */
function articleOf(group: FindingGroup): Markup {
  const { finding } = group;
  const { verdict, severity, title, probe, summary, advice } = finding;
  return markup`<article class="${classOf(verdict)}">
<h3><span class="badge ${classOf(verdict)}">${verdict}${
    verdict === "inconclusive" ? "" : `, ${severity}`
  }</span> ${printable(title)}</h3>
<p class="probe"><code>${printable(probe)}</code>${kindsOf(group)}</p>
<p>${printable(summary)}</p>
${whyOf(probe)}${
    advice === null
      ? []
      : markup`<p class="advice"><b>To do:</b> ${printable(advice)}</p>\n`
  }${referencesOf(finding)}${group.all.map(factsOf)}${
    group.all.flatMap(shownEvidence).map(evidenceOf)
  }</article>
`;
}

/** Why a probe's finding matters, if it is one of the audit's own probes. */
function whyOf(id: string): MarkupPart {
  const probe = probes.find((probe) => probe.id === id);
  return probe === undefined
    ? []
    : markup`<p><b>Why:</b> ${printable(probe.explain.why)}</p>\n`;
}

/** The findings of a verdict, a line or two each. */
function listOf(
  groups: readonly FindingGroup[],
  verdict: Verdict,
  heading: string,
): MarkupPart {
  const of = groups.filter(({ finding }) => finding.verdict === verdict);
  if (of.length === 0) return [];
  return markup`<details class="list">
<summary>${heading} (${String(of.length)})</summary>
<ul>
${
    of.map((group) =>
      markup`<li>${printable(group.finding.title)}
<small><code>${printable(group.finding.probe)}</code>${kindsOf(group)}</small>
<small>${printable(group.finding.summary)}</small></li>
`
    )
  }</ul>
</details>
`;
}

function kindsOf({ kinds }: FindingGroup): string {
  return kinds.length === 0 ? "" : ` · ${kinds.join(", ")}`;
}

function referencesOf({ references }: Finding): MarkupPart {
  if (references.length === 0) return [];
  const links = references.map((reference, i) => {
    const url = referenceUrl(reference);
    const text = printable(reference);
    return [
      i === 0 ? "" : " · ",
      url === undefined ? text : markup`<a href="${url}">${text}</a>`,
    ];
  });
  return markup`<p class="references">${links}</p>\n`;
}

function factsOf({ facts, kind }: Finding): MarkupPart {
  const entries = Object.entries(facts);
  if (entries.length === 0) return [];
  const of = kind === null ? "" : `, ${KINDS[kind]}`;
  return markup`<details>
<summary>Measured${of}</summary>
<dl class="facts">${
    entries.map(([name, value]) =>
      markup`<dt>${printable(name)}</dt><dd>${factText(value)}</dd>`
    )
  }</dl>
</details>
`;
}

function factText(value: Facts[string] | undefined): string {
  const text = Array.isArray(value)
    ? value.map(String).join(", ") || "none"
    : String(value);
  return printable(text);
}

function evidenceOf({ title, trace }: Evidence): Markup {
  return markup`<details>
<summary>${printable(title)}</summary>
${toLadderMarkup(trace, { hasFields: false })}</details>
`;
}

/** A verdict as a class of the style sheet. */
function classOf(verdict: Verdict): string {
  return verdict === "not applicable" ? "none" : verdict;
}
