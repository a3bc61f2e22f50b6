import type { ResumptionKind } from "./finding.ts";
import type { Probe, ProbeResult } from "./probe.ts";
import type { StepProbing } from "./step_probing.ts";

/** The most connections of {@linkcode confirmed}: a full handshake and a resumption. */
export const CONFIRMING_CONNECTIONS = 2;

/**
 * Confirms a result. A server that refused a session may have done so for what the probe offered,
 * but also because it resumes only some sessions, or none any more: then the result is
 * inconclusive. So is a pass by silence, which refuses nothing.
 *
 * @throws {Error} If the server was silent, or doesn't resume an unchanged session, either.
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
  if (isGood && probing.silentAt !== null) {
    throw new Error(`The server was silent: ${probing.silentAt}`);
  }
  if (
    kind === null || !probing.hasRefusals || !(isGood || verdict === "warn")
  ) {
    return result;
  }
  // Probes of the behaviour find out that a server resumes only some sessions.
  const isUnsteady = !probing.survey.kinds[kind].steady;
  if (isUnsteady && (isGood || !probe.id.startsWith("behaviour/"))) {
    return {
      verdict: "inconclusive",
      summary:
        `The server resumes only some of its sessions, so that its refusal of one proves little: ${summary}`,
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
