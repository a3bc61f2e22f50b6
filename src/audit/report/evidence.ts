import type { Evidence, Finding } from "../finding.ts";

/**
 * The connections of a finding that a report shows: none where all is well, so that the reports
 * of a fleet stay small.
 */
export function shownEvidence(
  { verdict, evidence }: Finding,
): readonly Evidence[] {
  return verdict === "pass" || verdict === "not applicable" ? [] : evidence;
}
