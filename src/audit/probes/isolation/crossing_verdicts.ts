import type { ProbeResult, Probing } from "../../probe.ts";
import { shown } from "./control.ts";
import type { Crossing } from "./crossing.ts";

/** What it means that a session is resumed, or not, under another name. */
export function judged({ kind }: Probing, crossing: Crossing): ProbeResult {
  const { from, to, resumed, sameCertificate } = crossing;
  const facts = { from, to, resumed, sameCertificate };
  const session = `A session of ${shown(from)} is`;
  if (!resumed) {
    return {
      verdict: "pass",
      summary: `${session} not resumed under ${shown(to)}`,
      facts,
    };
  }
  const summary = `${session} resumed under ${shown(to)}; their certificates ${
    sameCertificate ? "are the same" : "differ"
  }`;
  const isForbidden = kind !== "tls1.3";
  const [verdict, severity] = sameCertificate
    ? [isForbidden ? "warn" : "pass", "low"] as const
    : [isForbidden ? "fail" : "warn", isForbidden ? "medium" : "low"] as const;
  return escalation(crossing) ?? { verdict, severity, summary, facts };
}

/** The failure of a name that lets in a client, by a session, that it turns away otherwise. */
export function escalation(
  { from, to, resumed, admitted, refusedInFull }: Crossing,
): ProbeResult | null {
  if (!resumed || !admitted || !refusedInFull) return null;
  return {
    verdict: "fail",
    severity: "critical",
    summary: `A session of ${shown(from)} lets a client in under ${
      shown(to)
    }, where a full handshake turns it away`,
    facts: { from, to, resumed, admitted, refusedInFull },
  };
}

/** The worst of results, the first of equals; null if there is none. */
export function worstOf(results: readonly ProbeResult[]): ProbeResult | null {
  const ranks = ["fail", "warn", "pass"];
  return results.toSorted((one, other) =>
    ranks.indexOf(one.verdict) - ranks.indexOf(other.verdict)
  )[0] ?? null;
}
