import type { ResumptionKind } from "./finding.ts";
import type { Probe, ProbeResult } from "./probe.ts";
import type { StepProbing } from "./step_probing.ts";

/** The most connections of {@linkcode confirmed}: a full handshake and a resumption. */
export const CONFIRMING_CONNECTIONS = 2;

/**
 * What a result is worth. A server that refused a session may have done so for what the probe
 * offered, or because it resumes now and then, or nothing any more.
 *
 * @throws {Error} If it is worth nothing.
 */
export async function confirmed(
  { kind, probe }: {
    readonly kind: ResumptionKind | null;
    readonly probe: Probe;
  },
  result: ProbeResult,
  probing: StepProbing,
): Promise<ProbeResult> {
  const { verdict, summary, facts } = result;
  const isGood = verdict === "pass";
  if (
    kind === null || !probing.hasRefusals || !(isGood || verdict === "warn")
  ) {
    return result;
  }
  // What a server does now and then is what probes of its behaviour find.
  const isUnsteady = !probing.survey.kinds[kind].steady;
  if (isUnsteady && (isGood || !probe.id.startsWith("behaviour/"))) {
    return {
      verdict: "inconclusive",
      summary:
        `The server resumes some of its sessions only, so that little follows from one that it refuses: ${summary}`,
      ...(facts && { facts }),
    };
  }
  if (!isGood || !probing.endsWithRefusal) return result;
  const session = await probing.session({
    title: "To confirm: a full handshake",
  });
  const { resumed } = await probing.visit({
    title: "To confirm: its session",
    session,
  });
  if (resumed) return result;
  throw new Error(
    `Afterwards the server didn't resume an unchanged session either: ${summary}`,
  );
}
