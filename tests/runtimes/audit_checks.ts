/**
 * The checks of audits.
 *
 * @module
 */
import { TlsContext } from "../../mod.ts";
import { auditContext } from "../../src/audit/mod.ts";
import { createTestCertificate } from "../../src/testing/mod.ts";
import type { Checks } from "./checks.ts";

/** Those for every runtime. */
export const AUDIT_CHECKS: Checks = {
  "audit: a context in memory": auditOne,
};

/** A probe with visits and one with hellos of its own. */
async function auditOne(): Promise<void> {
  const context = new TlsContext(createTestCertificate());
  const probes = ["behaviour/renewal", "proof/binder"];
  const passed: string[] = [];
  for await (const finding of auditContext(context, { probes })) {
    const { probe, kind, verdict, summary } = finding;
    if (verdict === "pass") passed.push(`${probe} ${kind}`);
    else if (verdict !== "not applicable") throw new Error(summary);
  }
  context.close();
  const wanted = probes.map((probe) => `${probe} tls1.3`);
  if (wanted.some((one) => !passed.includes(one))) {
    throw new Error(`these passed alone: ${passed.join(", ")}`);
  }
}
