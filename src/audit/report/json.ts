import type { Finding, Verdict } from "../finding.ts";
import { shownEvidence } from "./evidence.ts";
import { costOf, countVerdicts, startOf } from "./order.ts";
import { type AuditReport, checkReports } from "./report.ts";

/** The version of {@linkcode AuditJson}: it rises if a field goes or changes its meaning. */
const VERSION = 1;

/**
 * Audits for programs. New fields may be added; a program ignores those that it doesn't know.
 * `docs/audit.schema.json` is the same as a JSON Schema.
 */
export interface AuditJson {
  /** The name of the format. */
  readonly format: "sesame-audit";
  /** The version of the format, which rises if a field goes or changes its meaning. */
  readonly version: 1;
  /** In the order in which they were named. */
  readonly servers: readonly AuditJsonServer[];
}

/** The audit of one server. */
export interface AuditJsonServer {
  /** What was audited, such as `"example.com:443"`. */
  readonly server: string;
  /** Why the audit couldn't be begun or finished; null if it was. */
  readonly failure: string | null;
  /** How many findings have each verdict. */
  readonly counts: Readonly<Record<Verdict, number>>;
  /** How many connections it took. */
  readonly connections: number;
  /** When it began (ISO 8601, UTC); null if the report doesn't say it. */
  readonly startedAt: string | null;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** In the order in which they were found. */
  readonly findings: readonly AuditJsonFinding[];
}

/** A {@linkcode Finding}, with its connections as text. */
export interface AuditJsonFinding extends Omit<Finding, "evidence"> {
  /** The connections that show it; none if the verdict is `pass` or `not applicable`. */
  readonly evidence: readonly AuditJsonEvidence[];
}

/** A connection that a finding is based on. */
export interface AuditJsonEvidence {
  /** What the connection was for. */
  readonly title: string;
  /** Its messages as a diagram of 80 columns, in lines. For people: its form may change. */
  readonly ladder: string;
}

/**
 * Returns audits for programs, to be passed to `JSON.stringify`.
 *
 * @throws {TypeError} If `reports` isn't an array of reports.
 * @throws {RangeError} If a report's `startedAt` is no time.
 *
 * @example The ids of the probes that a context fails
 * ```ts
 * import { auditContext, auditJson } from "@sesame/tls/audit";
 * import { TlsContext } from "@sesame/tls";
 * import { createTestCertificate } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using context = new TlsContext({ ...createTestCertificate() });
 * const audit = auditContext(context, { probes: ["robustness"] });
 * const findings = await Array.fromAsync(audit);
 * const { servers } = auditJson([{ server: "my context", findings }]);
 * const failed = servers[0]?.findings.filter(({ verdict }) => verdict === "fail");
 * assertEquals(failed?.map(({ probe }) => probe), []);
 * ```
 */
export function auditJson(reports: readonly AuditReport[]): AuditJson {
  checkReports(reports);
  return {
    format: "sesame-audit",
    version: VERSION,
    servers: reports.map(serverOf),
  };
}

function serverOf(report: AuditReport): AuditJsonServer {
  const { server, findings, failure = null } = report;
  const { connections, ms } = costOf(report);
  return {
    server,
    failure,
    counts: countVerdicts(findings),
    connections,
    startedAt: startOf(report),
    ms: rounded(ms),
    findings: findings.map(findingOf),
  };
}

function findingOf(finding: Finding): AuditJsonFinding {
  const { probe, title, kind, verdict, severity, summary, advice } = finding;
  const { facts, references, connections, ms } = finding;
  return {
    ...{ probe, title, kind, verdict, severity, summary, advice },
    ...{ facts, references, connections, ms: rounded(ms) },
    evidence: shownEvidence(finding).map(({ title, trace }) => ({
      title,
      ladder: trace.toLadder(),
    })),
  };
}

/** Milliseconds with one decimal. */
function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
