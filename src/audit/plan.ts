import type { ResumptionKind } from "./finding.ts";
import type { AuditSettings } from "./settings.ts";
import type { AuditExtent, Probe, ProbeNeed } from "./probe.ts";
import { CONFIRMING_CONNECTIONS } from "./confirmation.ts";
import { SURVEY_CONNECTIONS } from "./survey.ts";

/** What an audit will do at most. */
export interface AuditPlan {
  /** The most connections in all, those included that show what the server speaks. */
  readonly connections: number;
  /** The addresses of the server. */
  readonly nodes: readonly string[];
  /** A step for each finding. */
  readonly steps: readonly AuditStep[];
}

/** One finding of a plan. */
export interface AuditStep {
  /** What is probed. */
  readonly probe: Probe;
  /** The kind of resumption, for probes that have `kinds`. */
  readonly kind: ResumptionKind | null;
  /** The most connections: 0 if something that the probe needs is missing. */
  readonly connections: number;
  /** What is missing, and how it is given; null if nothing is. */
  readonly missing: string | null;
}

/** What probes can need, and whether it is there. */
export type AvailableNeeds = Readonly<Record<ProbeNeed, boolean>>;

/** How what is missing is given. */
const GIVEN_BY: Readonly<Record<ProbeNeed, string>> = {
  otherName:
    "It needs another name of the server: a second one in the option names (--name)",
  certificate:
    "It needs a client certificate: the options cert and key (--cert, --key)",
  otherCertificate:
    "It needs another client certificate: the options otherCert and otherKey (--cert, --key twice)",
  otherNode:
    "It needs another address of the server: a second one in the option nodes (--node)",
  clock:
    "It needs a clock that can be moved: auditContext with a VirtualClock in the option clock",
  change:
    "It needs somebody who changes the server's configuration: the option change (--pause)",
};

/** The plan of an audit of some nodes. */
export function planned(
  { probes, samples }: AuditSettings,
  nodes: readonly string[],
  available: AvailableNeeds,
): AuditPlan {
  const extent = { nodes: nodes.length, samples };
  const steps = [...probes].sort((a, b) => turnOf(a) - turnOf(b))
    .flatMap((probe) => stepsOf(probe, extent, available));
  const connections = steps.reduce(
    (sum, step) => sum + step.connections,
    SURVEY_CONNECTIONS,
  );
  return { connections, nodes, steps };
}

/** Whether a probe can run beside others: not if it changes what they see. */
export function isAlone({ needs }: Probe): boolean {
  return needs.includes("clock") || needs.includes("change");
}

/** What changes the server comes last. */
function turnOf({ needs }: Probe): number {
  if (needs.includes("change")) return 2;
  return needs.includes("clock") ? 1 : 0;
}

function stepsOf(
  probe: Probe,
  extent: AuditExtent,
  available: AvailableNeeds,
): AuditStep[] {
  const need = probe.needs.find((need) => !available[need]);
  const missing = need === undefined ? null : GIVEN_BY[need];
  const kinds = probe.kinds.length === 0 ? [null] : probe.kinds;
  const connections = missing !== null
    ? 0
    : typeof probe.connections === "number"
    ? probe.connections
    : probe.connections(extent);
  return kinds.map((kind) => ({
    probe,
    kind,
    connections: kind === null || connections === 0
      ? connections
      : connections + CONFIRMING_CONNECTIONS,
    missing,
  }));
}
