import type { Finding } from "../finding.ts";

/** The audit of one server: what the reports are made of. */
export interface AuditReport {
  /** What was audited, such as `"example.com:443"`. */
  readonly server: string;
  /** Its findings, in any order. */
  readonly findings: readonly Finding[];
  /** Why the audit couldn't be begun or finished; without it, it was. */
  readonly failure?: string | undefined;
}
