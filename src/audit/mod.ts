/**
 * Audits of TLS servers: whether they resume sessions safely. An audit makes a bounded number of
 * connections, and returns findings: what the server does, and what it should not do.
 *
 * @example A context, in a test
 * ```ts
 * import { TlsContext } from "@sesame/tls";
 * import { auditContext } from "@sesame/tls/audit";
 * import { createTestCertificate } from "@sesame/tls/testing";
 *
 * using context = new TlsContext(createTestCertificate());
 * for await (const finding of auditContext(context)) {
 *   console.log(finding.verdict, finding.probe, finding.summary);
 * }
 * ```
 *
 * @module
 */
export type { Audit } from "./audit.ts";
export {
  auditContext,
  type AuditContextOptions,
  type ChangedContexts,
} from "./audit_context.ts";
export { auditServer, type AuditServerOptions } from "./audit_server.ts";
export { chosenProbes } from "./chosen_probes.ts";
export type * from "./finding.ts";
export type { AuditChanges, AuditOptions, AuditProgress } from "./options.ts";
export type { AuditPlan, AuditStep } from "./plan.ts";
export * from "./probe.ts";
export { probes } from "./probes/mod.ts";
export { FAIL_ON, type FailOn, failsOn } from "./report/fail_on.ts";
export { auditHtml } from "./report/html.ts";
export {
  type AuditJson,
  auditJson,
  type AuditJsonEvidence,
  type AuditJsonFinding,
  type AuditJsonServer,
} from "./report/json.ts";
export { auditJUnit, type AuditJUnitOptions } from "./report/junit.ts";
export type { AuditReport } from "./report/report.ts";
export { auditTable, type AuditTableOptions } from "./report/table.ts";
export {
  askForTls,
  startTlsPorts,
  type StartTlsProtocol,
} from "./starttls/mod.ts";
export type * from "./client/hello_types.ts";
export type * from "./client/session.ts";
export type * from "./client/visit_types.ts";
export type { Trace } from "../testing/trace.ts";
