import type { Trace } from "../testing/trace.ts";

/**
 * How a session is resumed: by its id in TLS 1.2, by a session ticket in TLS 1.2 (RFC 5077),
 * or as a PSK in TLS 1.3 (RFC 8446, 2.2).
 */
export type ResumptionKind = "tls1.2-id" | "tls1.2-ticket" | "tls1.3";

/**
 * What a probe concludes:
 *
 * - `pass`: the server does what it should.
 * - `fail`: it resumes, or accepts, what it must not.
 * - `warn`: it does what is allowed, but harms security, privacy or speed.
 * - `not applicable`: there is nothing to probe; the summary says why.
 * - `inconclusive`: the server's answers allow no verdict; the summary says what came in the way.
 */
export type Verdict =
  | "pass"
  | "fail"
  | "warn"
  | "not applicable"
  | "inconclusive";

/** How much a failure matters, the worst first. */
export type Severity = "critical" | "high" | "medium" | "low" | "info";

/** What a probe measured, for programs. Names are in camelCase, with units as their last part. */
export type Facts = Readonly<
  Record<
    string,
    string | number | boolean | null | readonly (string | number)[]
  >
>;

/** One connection that a finding is based on. */
export interface Evidence {
  /** What the connection was for, such as "Resumption with the name other.example". */
  readonly title: string;
  /** Its messages, without secrets: `trace.toLadder()`, `trace.toHtml()`. */
  readonly trace: Trace;
}

/** What one probe found, for one kind of resumption where it distinguishes them. */
export interface Finding {
  /** The id of the probe: its family, a slash, its name. */
  readonly probe: string;
  /** The probe's title: a statement that holds of a server that passes. */
  readonly title: string;
  /** The kind of resumption that was probed, or null if the probe is about none or all. */
  readonly kind: ResumptionKind | null;
  /** What the probe concludes. */
  readonly verdict: Verdict;
  /** How much it matters: the probe's severity if the verdict is `fail` or `warn`, else `info`. */
  readonly severity: Severity;
  /** What was observed, in one sentence. */
  readonly summary: string;
  /** What to do about it, or null if there is nothing to do. */
  readonly advice: string | null;
  /** What was measured. */
  readonly facts: Facts;
  /** RFC sections and CVEs, such as "RFC 8446, 4.2.11" and "CVE-2025-23419". */
  readonly references: readonly string[];
  /** The connections that show it. */
  readonly evidence: readonly Evidence[];
  /** The number of connections that were made for it. */
  readonly connections: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}
