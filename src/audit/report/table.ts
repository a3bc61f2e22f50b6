import { checkBoolean, checkedInteger } from "../../internal/option_checks.ts";
import { ownOptions } from "../../internal/own_options.ts";
import { wrapped } from "../../internal/wrapped.ts";
import type { Verdict } from "../finding.ts";
import { shownEvidence } from "./evidence.ts";
import {
  costOf,
  countsText,
  type FindingGroup,
  inGroups,
  merged,
  says,
} from "./order.ts";
import { type AuditReport, checkReports } from "./report.ts";
import { countText, printable, secondsText } from "./text.ts";

/** Options of {@linkcode auditTable}. */
export interface AuditTableOptions {
  /**
   * The width in columns, at least 42.
   *
   * @default {80}
   */
  width?: number | undefined;
  /**
   * Whether it is coloured by ANSI escape sequences.
   *
   * @default {false}
   */
  color?: boolean | undefined;
  /**
   * Whether the messages of the connections are drawn that a finding is based on.
   *
   * @default {false}
   */
  ladders?: boolean | undefined;
}

const MIN_WIDTH = 42;
const INDENT = "  ";

/** The parameters of `ESC [ … m`. */
const STYLES = {
  head: "1",
  dim: "2",
  fail: "1;31",
  warn: "1;33",
  plain: "",
} as const;

/** How a server is painted, by {@linkcode rankOf}. */
const STYLE_OF_RANK: readonly (keyof typeof STYLES)[] = [
  "fail",
  "warn",
  "plain",
];

/** What the lists below the table are headed by. */
const LISTS: readonly (readonly [Verdict, string])[] = [
  ["inconclusive", "Inconclusive"],
  ["pass", "Passed"],
];

/**
 * Returns audits as text for a terminal: what fails or deserves a warning, the worst first, each
 * with what to do, and the other probes by name. Several servers are summed up at the end. Control characters from a server are escaped.
 *
 * @throws {TypeError} If `reports` isn't an array of reports, or an option has the wrong type or
 * an unknown name.
 * @throws {RangeError} If `width` is below 42, or a report's `startedAt` is no time.
 *
 * @example The audit of a context
 * ```ts
 * import { auditContext, auditTable } from "@sesame/tls/audit";
 * import { TlsContext } from "@sesame/tls";
 * import { createTestCertificate } from "@sesame/tls/testing";
 *
 * using context = new TlsContext({ ...createTestCertificate() });
 * const audit = auditContext(context, { probes: ["robustness"] });
 * const findings = await Array.fromAsync(audit);
 * console.log(auditTable([{ server: "my context", findings }]));
 * ```
 */
export function auditTable(
  reports: readonly AuditReport[],
  options: AuditTableOptions = {},
): string {
  const { width = 80, color = false, ladders = false } = ownOptions(options, {
    width: true,
    color: true,
    ladders: true,
  }, { of: "auditTable" });
  checkedInteger(width, "width", { min: MIN_WIDTH });
  checkBoolean(color, "color");
  checkBoolean(ladders, "ladders");
  checkReports(reports);
  const table = (): Table => new Table({ width, color, ladders });
  const tables = reports.map((report) => table().of(report));
  if (reports.length > 1) tables.push(table().overview(reports));
  return tables.join("\n\n");
}

class Table {
  readonly #width: number;
  readonly #hasColor: boolean;
  readonly #hasLadders: boolean;
  readonly #lines: string[] = [];

  constructor(
    { width, color, ladders }: {
      width: number;
      color: boolean;
      ladders: boolean;
    },
  ) {
    this.#width = width;
    this.#hasColor = color;
    this.#hasLadders = ladders;
  }

  of(report: AuditReport): string {
    const { server, findings, failure } = report;
    this.#paragraph("head", printable(server));
    if (failure !== undefined) {
      this.#paragraph("fail", `Not audited: ${printable(failure)}`);
    }
    if (failure === undefined || findings.length > 0) {
      const { connections, ms } = costOf(report);
      this.#paragraph(
        "plain",
        `${countsText(findings)}; ${countText(connections, "connection")} in ${
          secondsText(ms)
        }`,
      );
    }
    const groups = inGroups(findings);
    for (const group of groups) {
      const { verdict } = group.finding;
      if (verdict === "fail" || verdict === "warn") this.#row(group, verdict);
    }
    for (const [verdict, heading] of LISTS) {
      const of = groups.filter(({ finding }) => finding.verdict === verdict);
      if (of.length > 0) this.#list(heading, of, verdict === "inconclusive");
    }
    this.#reasons(
      groups.filter(({ finding }) => finding.verdict === "not applicable"),
    );
    return this.#lines.join("\n");
  }

  /** The servers, those that failed first: below the tables, where a long output ends. */
  overview(reports: readonly AuditReport[]): string {
    this.#paragraph("head", countText(reports.length, "server"));
    for (const report of reports.toSorted((a, b) => rankOf(a) - rankOf(b))) {
      const { server, findings, failure } = report;
      const text = failure === undefined ? countsText(findings) : "not audited";
      this.#paragraph(
        STYLE_OF_RANK[rankOf(report)] ?? "plain",
        `${printable(server)}: ${text}`,
        INDENT,
      );
    }
    return this.#lines.join("\n");
  }

  /** A finding: what and how bad, what was seen, and what to do. */
  #row(group: FindingGroup, verdict: "fail" | "warn"): void {
    const { severity, summary, advice } = group.finding;
    const head = `${verdict}  ${severity.padEnd(8)}  `;
    const [first = "", ...rest] = wrapped(
      named(group),
      this.#width - head.length,
    );
    this.#lines.push("");
    this.#lines.push(
      `${this.#painted(verdict, head.trimEnd())}${
        head.slice(head.trimEnd().length)
      }${this.#painted("head", first)}`,
    );
    for (const line of rest) this.#lines.push(" ".repeat(head.length) + line);
    this.#paragraph("plain", printable(summary), INDENT);
    if (advice !== null) {
      this.#paragraph("plain", `→ ${printable(advice)}`, INDENT);
    }
    this.#ladders(group);
  }

  #list(
    heading: string,
    groups: readonly FindingGroup[],
    isBad: boolean,
  ): void {
    this.#lines.push("");
    this.#paragraph(isBad ? "warn" : "head", `${heading}:`);
    for (const group of merged(groups)) {
      const text = says(group.finding)
        ? `${named(group)}: ${printable(group.finding.summary)}`
        : named(group);
      this.#paragraph("plain", text, INDENT);
      this.#ladders(group);
    }
  }

  /** Why probes weren't applicable, each reason with the probes that it is of. */
  #reasons(groups: readonly FindingGroup[]): void {
    if (groups.length === 0) return;
    this.#lines.push("");
    this.#paragraph("head", "Not applicable:");
    const reasons = new Set(groups.map(({ finding }) => finding.summary));
    for (const reason of reasons) {
      const of = groups.filter(({ finding }) => finding.summary === reason);
      const [kinds, ...others] = new Set(of.map(kindsOf));
      const text = kinds !== undefined && others.length === 0
        ? `${printable(reason)}${kinds}: ${
          of.map(({ finding }) => printable(finding.probe)).join(", ")
        }`
        : `${printable(reason)}: ${of.map(named).join(", ")}`;
      this.#paragraph("plain", text, INDENT);
    }
  }

  /** The connections of findings, if they are asked for and there is something to see. */
  #ladders({ all }: FindingGroup): void {
    if (!this.#hasLadders) return;
    for (const { title, trace } of all.flatMap(shownEvidence)) {
      this.#lines.push("");
      this.#paragraph("head", printable(title), INDENT);
      const width = this.#width - INDENT.length;
      const ladder = trace.toLadder({ width, color: this.#hasColor });
      for (const line of ladder.split("\n")) this.#lines.push(INDENT + line);
    }
  }

  #painted(style: keyof typeof STYLES, text: string): string {
    return this.#hasColor && STYLES[style] !== ""
      ? `\x1b[${STYLES[style]}m${text}\x1b[0m`
      : text;
  }

  /** Lines of text, with those after the first indented further. */
  #paragraph(
    style: keyof typeof STYLES,
    text: string,
    indent = "",
  ): void {
    const lines = wrapped(text, this.#width - indent.length - INDENT.length);
    for (const [i, line] of lines.entries()) {
      this.#lines.push(
        `${indent}${i === 0 ? "" : INDENT}${this.#painted(style, line)}`,
      );
    }
  }
}

/** How bad a report is: 0 for one that failed, or of a server that wasn't audited. */
function rankOf({ findings, failure }: AuditReport): number {
  if (failure !== undefined) return 0;
  const has = (verdict: Verdict): boolean =>
    findings.some((finding) => finding.verdict === verdict);
  if (has("fail")) return 0;
  return has("warn") || has("inconclusive") ? 1 : 2;
}

/** A probe, and what kinds of resumption the findings are about. */
function named(group: FindingGroup): string {
  return `${printable(group.finding.probe)}${kindsOf(group)}`;
}

function kindsOf({ kinds }: FindingGroup): string {
  return kinds.length === 0 ? "" : ` (${kinds.join(", ")})`;
}
