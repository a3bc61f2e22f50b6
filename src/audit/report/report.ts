import { received } from "../../internal/received.ts";
import type { Finding } from "../finding.ts";

/** The latest time of a `Date`, in milliseconds since 1970. */
const MAX_DATE = 8_640_000_000_000_000;

/** The audit of one server: what the reports are made of. */
export interface AuditReport {
  /** What was audited, such as `"example.com:443"`. */
  readonly server: string;
  /** Its findings, in any order. */
  readonly findings: readonly Finding[];
  /**
   * How many connections were made, those before the first probe included. By default those of
   * the findings.
   */
  readonly connections?: number | undefined;
  /** When the audit began, in milliseconds since 1970. By default reports don't say it. */
  readonly startedAt?: number | undefined;
  /** How long the audit took, in milliseconds. By default as long as the findings. */
  readonly ms?: number | undefined;
  /** Why the audit couldn't be begun or finished; without it, it was. */
  readonly failure?: string | undefined;
}

/**
 * Checks the argument of the functions that make reports. It is no audit, and no findings.
 *
 * @throws {TypeError} If it isn't an array of objects with the fields of a report.
 * @throws {RangeError} If a report's `startedAt` is no time of a `Date`.
 */
export function checkReports(reports: readonly AuditReport[]): void {
  if (!Array.isArray(reports)) {
    throw new TypeError(
      `reports must be an array, received ${received(reports)}`,
    );
  }
  for (const [i, report] of reports.entries()) checkReport(report, i);
}

function checkReport(report: Partial<AuditReport>, i: number): void {
  const { server, findings, failure = "", startedAt } = report ?? {};
  const { connections = 0, ms = 0 } = report ?? {};
  const check = (isRight: boolean, name: string, what: string): void => {
    if (isRight) return;
    const value = report?.[name as keyof AuditReport];
    throw new TypeError(
      `reports[${i}].${name} must be ${what}, received ${received(value)}`,
    );
  };
  check(typeof server === "string", "server", "a string");
  check(Array.isArray(findings), "findings", "an array of findings");
  check(typeof failure === "string", "failure", "a string");
  check(typeof connections === "number", "connections", "a number");
  check(typeof ms === "number", "ms", "a number");
  if (startedAt === undefined) return;
  check(typeof startedAt === "number", "startedAt", "a number");
  if (Number.isInteger(startedAt) && startedAt >= 0 && startedAt <= MAX_DATE) {
    return;
  }
  throw new RangeError(
    `reports[${i}].startedAt must be a whole number from 0 to ${MAX_DATE}, received ${startedAt}`,
  );
}
