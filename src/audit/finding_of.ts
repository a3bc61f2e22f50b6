import type { Finding } from "./finding.ts";
import type { AuditStep } from "./plan.ts";
import type { ProbeResult } from "./probe.ts";

/** The result of a probe that has nothing to probe. */
export function notApplicable(summary: string): ProbeResult {
  return { verdict: "not applicable", summary };
}

/** The finding of a step. */
export function findingOf(
  { probe, kind }: AuditStep,
  result: ProbeResult,
  measured: Pick<Finding, "connections" | "evidence" | "ms"> = NOTHING,
): Finding {
  const { id, title, references } = probe;
  const { verdict, summary, facts = {} } = result;
  const isBad = verdict === "fail" || verdict === "warn";
  return {
    probe: id,
    title,
    kind,
    verdict,
    severity: isBad ? result.severity ?? probe.severity : "info",
    summary,
    advice: isBad ? result.advice ?? probe.advice : null,
    facts,
    references,
    ...measured,
  };
}

const NOTHING = { connections: 0, evidence: [], ms: 0 };
