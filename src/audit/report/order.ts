import type { Finding, ResumptionKind, Severity, Verdict } from "../finding.ts";
import type { AuditReport } from "./report.ts";

/** The verdicts, the worst first. */
export const VERDICTS: readonly Verdict[] = [
  "fail",
  "warn",
  "inconclusive",
  "pass",
  "not applicable",
];

/** The severities, the worst first. */
export const SEVERITIES: readonly Severity[] = [
  "critical",
  "high",
  "medium",
  "low",
  "info",
];

/** What each kind of resumption is called in a report, in the order of their age. */
export const KINDS: Readonly<Record<ResumptionKind, string>> = {
  "tls1.2-id": "TLS 1.2 id",
  "tls1.2-ticket": "TLS 1.2 ticket",
  "tls1.3": "TLS 1.3",
};

const KIND_ORDER = Object.keys(KINDS);

/** Findings that say the same of several kinds of resumption. */
export interface FindingGroup {
  /** The first of them. */
  readonly finding: Finding;
  /** What they are about, such as `["TLS 1.2 id", "TLS 1.3"]`. */
  readonly kinds: readonly string[];
  readonly all: readonly Finding[];
}

/** The findings, the worst first, with those together that say the same. */
export function inGroups(findings: readonly Finding[]): FindingGroup[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings.toSorted(compare)) {
    const { probe, verdict, severity, summary, advice } = finding;
    const key = JSON.stringify([probe, verdict, severity, summary, advice]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()].flatMap((all) => {
    const [finding] = all;
    const kinds = all.flatMap(({ kind }) => kind === null ? [] : [KINDS[kind]]);
    return finding === undefined ? [] : [{ finding, kinds, all }];
  });
}

/** The groups of a list: those whose summaries aren't shown are one for each probe. */
export function merged(groups: readonly FindingGroup[]): FindingGroup[] {
  const byText = new Map<string, FindingGroup>();
  for (const group of groups) {
    const { finding, kinds, all } = group;
    const { probe, summary } = finding;
    const text = JSON.stringify(says(finding) ? [probe, summary] : [probe]);
    const first = byText.get(text);
    byText.set(text, {
      finding: first?.finding ?? finding,
      kinds: [...first?.kinds ?? [], ...kinds],
      all: [...first?.all ?? [], ...all],
    });
  }
  return [...byText.values()];
}

/** Whether the summary of a finding says more than that a probe has passed. */
export function says({ verdict, probe }: Finding): boolean {
  return verdict !== "pass" || probe.startsWith("behaviour/");
}

/** How many findings have each verdict. */
export function countVerdicts(
  findings: readonly Finding[],
): Record<Verdict, number> {
  const count = (verdict: Verdict): number =>
    findings.filter((finding) => finding.verdict === verdict).length;
  return {
    "fail": count("fail"),
    "warn": count("warn"),
    "inconclusive": count("inconclusive"),
    "pass": count("pass"),
    "not applicable": count("not applicable"),
  };
}

/** The counts that aren't 0: `"2 fail, 1 warn, 20 pass"`. */
export function countsText(findings: readonly Finding[]): string {
  const counts = countVerdicts(findings);
  return VERDICTS.filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${counts[verdict]} ${verdict}`)
    .join(", ") || "no findings";
}

/** When an audit began, as ISO 8601 writes it in UTC; null if the report doesn't say it. */
export function startOf({ startedAt }: AuditReport): string | null {
  return startedAt === undefined ? null : new Date(startedAt).toISOString();
}

/** How many connections an audit took, and how long. */
export function costOf(
  { findings, connections, ms }: AuditReport,
): { connections: number; ms: number } {
  return {
    connections: connections ??
      findings.reduce((sum, finding) => sum + finding.connections, 0),
    ms: ms ?? findings.reduce((sum, finding) => sum + finding.ms, 0),
  };
}

function compare(a: Finding, b: Finding): number {
  return VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    textOrder(a.probe, b.probe) ||
    KIND_ORDER.indexOf(a.kind ?? "") - KIND_ORDER.indexOf(b.kind ?? "");
}

/** In the order of code units, whatever the locale. */
function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
