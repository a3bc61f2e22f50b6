import { received } from "../../internal/received.ts";
import type { Finding, Severity } from "../finding.ts";
import { SEVERITIES } from "./order.ts";

/**
 * From which findings on an audit has failed:
 *
 * - `"fail"`, `"warn"`, `"inconclusive"`: findings of this verdict, or of a worse one.
 * - a severity: findings that `fail` or `warn` with this severity, or a worse one.
 * - `"never"`: none.
 */
export type FailOn = "fail" | "warn" | "inconclusive" | "never" | Severity;

/** All values of {@linkcode FailOn}. */
export const FAIL_ON: readonly FailOn[] = [
  "fail",
  "warn",
  "inconclusive",
  ...SEVERITIES,
  "never",
];

/**
 * Whether an audit has failed by this finding.
 *
 * @example A test that fails on what is at least of medium severity
 * ```ts
 * import { auditContext, failsOn } from "@sesame/tls/audit";
 * import { TlsContext } from "@sesame/tls";
 * import { createTestCertificate } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using context = new TlsContext({ ...createTestCertificate() });
 * const audit = auditContext(context, { probes: ["robustness"] });
 * const findings = await Array.fromAsync(audit);
 * assertEquals(findings.filter((finding) => failsOn(finding, "medium")), []);
 * ```
 *
 * @throws {TypeError} If `level` isn't one of {@linkcode FAIL_ON}.
 */
export function failsOn(
  { verdict, severity }: Pick<Finding, "verdict" | "severity">,
  level: FailOn,
): boolean {
  // Otherwise nothing would be as bad as a level that is misspelt.
  if (!FAIL_ON.includes(level)) {
    throw new TypeError(
      `level must be one of ${FAIL_ON.join(", ")}, received ${received(level)}`,
    );
  }
  switch (level) {
    case "never":
      return false;
    case "fail":
      return verdict === "fail";
    case "warn":
      return verdict === "fail" || verdict === "warn";
    case "inconclusive":
      return verdict !== "pass" && verdict !== "not applicable";
    default:
      return (verdict === "fail" || verdict === "warn") &&
        SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(level);
  }
}
