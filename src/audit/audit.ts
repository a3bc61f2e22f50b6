import type { Finding } from "./finding.ts";
import type { AuditPlan } from "./plan.ts";
import { type AuditTask, findingsOf, planOf } from "./run.ts";

/**
 * An audit of a server: an async iterable of findings, in the order in which they come. Each
 * iteration makes the audit anew; `break` ends it, and its connections.
 */
export interface Audit extends AsyncIterable<Finding> {
  /**
   * What the audit will do at most. It makes no connections, but asks for the addresses of the
   * server's name.
   */
  plan(): Promise<AuditPlan>;
  /**
   * The findings.
   *
   * @throws {TlsError} `handshake`, if no handshake completes: there is nothing to audit;
   * `timeout`, if the server ceases to answer or `maxDuration` is over, after what was found
   * until then; and what connecting fails with.
   */
  [Symbol.asyncIterator](): AsyncGenerator<Finding>;
}

/** An audit by what `prepare` returns, which is called for each iteration and plan. */
export function newAudit(
  prepare: () => AuditTask | Promise<AuditTask>,
): Audit {
  return {
    plan: async () => planOf(await prepare()),
    async *[Symbol.asyncIterator](): AsyncGenerator<Finding> {
      yield* findingsOf(await prepare());
    },
  };
}
