import type { Finding } from "../finding.ts";

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
