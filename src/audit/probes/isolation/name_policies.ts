import type { VisitOptions } from "../../client/visit_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { VISITED_CONNECTIONS } from "../admission.ts";
import { confirmResumption, CONTROL_CONNECTIONS } from "./control.ts";
import { cross, CROSSING_CONNECTIONS } from "./crossing.ts";
import { escalation } from "./crossing_verdicts.ts";
import { termsAt } from "./name_terms.ts";

const CONNECTIONS = 2 * VISITED_CONNECTIONS + CROSSING_CONNECTIONS +
  CONTROL_CONNECTIONS;

const ADVICE =
  "Keep sessions of virtual hosts with other client CAs apart: session caches, ticket keys, session id contexts (nginx: 1.27.4 or later)";

/** Names of which one lets a client in that the other turns away: with a session of the first? */
export const probes: readonly Probe[] = [
  {
    id: "isolation/name-requires-certificate",
    title:
      "A session made without a client certificate admits nobody to a name that requires one",
    severity: "critical",
    kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
    needs: ["otherName"],
    connections: CONNECTIONS,
    references: ["CVE-2025-23419", "RFC 8446, 4.2.11", "RFC 6066, 3"],
    explain: {
      sends:
        "A session that was made without a client certificate, under the name that requires none, to the name that requires one.",
      expects:
        "A full handshake, in which the server asks for a certificate and turns the client away.",
      why:
        "If it is resumed, clients without a certificate are admitted where one is required.",
    },
    advice: ADVICE,
    run: (probing) =>
      runPolicies(probing, "none", {
        neither: "Neither name lets a client in without a certificate",
        both: "Neither name requires a client certificate",
      }),
  },
  {
    id: "isolation/name-refuses-certificate",
    title:
      "A session made with a client certificate admits nobody to a name that refuses the certificate",
    severity: "critical",
    kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
    needs: ["otherName", "certificate"],
    connections: CONNECTIONS,
    references: ["CVE-2025-23419", "RFC 8446, 4.2.11", "RFC 6066, 3"],
    explain: {
      sends:
        "A session that was made with the client certificate, under the name that accepts it, to the name that refuses it, such as for its CA.",
      expects:
        "A full handshake, in which the server verifies the certificate and turns the client away.",
      why:
        "If it is resumed, clients of one virtual host are admitted to another, whose CAs didn't issue their certificates.",
    },
    advice: ADVICE,
    run: (probing) =>
      runPolicies(probing, "first", {
        neither:
          "Neither name accepts the client certificate: give one that one of them accepts (--cert)",
        both:
          "Both names accept the client certificate: give one that one of them refuses (--cert)",
      }),
  },
];

async function runPolicies(
  probing: Probing,
  certificate: NonNullable<VisitOptions["certificate"]>,
  reasons: { neither: string; both: string },
): Promise<ProbeResult> {
  const names = [probing.name, probing.otherName];
  const open: (string | null)[] = [];
  for (const name of names) {
    const { admitted } = await termsAt(probing, { name, certificate });
    if (admitted) open.push(name);
  }
  const [from] = open;
  if (from === undefined) probing.notApplicable(reasons.neither);
  if (open.length === names.length) probing.notApplicable(reasons.both);
  const to = from === probing.name ? probing.otherName : probing.name;
  const crossing = await cross(probing, { from, to, certificate });
  const found = escalation(crossing);
  if (found !== null) return found;
  if (crossing.admitted) {
    throw new Error(
      `${to} turns the client away at one time, and lets it in at another`,
    );
  }
  await confirmResumption(probing, { name: from, certificate });
  return {
    verdict: "pass",
    summary: crossing.resumed
      ? `${to} resumes a session of ${from}, but turns the client away all the same`
      : `${to} turns the client away in spite of its session of ${from}`,
    facts: { from, to, resumed: crossing.resumed },
  };
}
