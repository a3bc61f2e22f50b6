import type { Visit } from "../../client/visit_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { answered } from "../admission.ts";
import { refusedByAlert } from "../trial.ts";
import { confirmResumption } from "./control.ts";
import { worstOf } from "./crossing_verdicts.ts";

/** Protocols that a session of another one is offered with; no server knows the last. */
const PROTOCOLS = ["h2", "http/1.1", "audit.invalid"];

/** A session of one protocol of ALPN, offered with another. */
export const probes: readonly Probe[] = [{
  id: "isolation/other-alpn",
  title: "ALPN is negotiated anew on a resumption",
  severity: "medium",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: 2 + 3 * PROTOCOLS.length + 2,
  references: ["RFC 7301, 3.1"],
  explain: {
    sends:
      "A session that was made with one protocol, in ClientHellos with other protocols, one at a time: h2, http/1.1 and one that doesn't exist; and each of these without a session.",
    expects:
      "What the server answers without a session: the same protocol, none, or the alert no_application_protocol.",
    why:
      "A client and a server that use different protocols misread each other's data (ALPACA). A protocol that is refused in a full handshake must be refused in a resumption.",
  },
  advice:
    "Select the protocol from the ClientHello of the connection, never from the session",
  run: runOtherAlpn,
}];

async function runOtherAlpn(probing: Probing): Promise<ProbeResult> {
  const own = await protocolOf(probing);
  const results: ProbeResult[] = [];
  let isAnswered = false;
  for (const other of PROTOCOLS.filter((protocol) => protocol !== own)) {
    const full = await probing.visit({
      alpn: [other],
      title: `A full handshake with ${other}`,
    });
    if (isMisled(full)) continue;
    isAnswered = true;
    const result = await offered(probing, own, other, answered(full));
    if (result !== null) results.push(result);
  }
  if (!isAnswered) {
    probing.notApplicable(
      `The server selects ${own} if only others are offered: OpenSSL's client refuses that, with a session or without`,
    );
  }
  const worst = worstOf(results);
  if (worst !== null) return worst;
  await confirmResumption(probing, { alpn: [own] });
  return {
    verdict: "pass",
    summary: `Sessions made with ${own} are not resumed with another protocol`,
    facts: { protocol: own, resumed: false },
  };
}

async function protocolOf(probing: Probing): Promise<string> {
  const usual = answered(
    await probing.visit({ title: "The audit's protocols" }),
  );
  if (usual.alpn !== null) return usual.alpn;
  const web = await probing.visit({ alpn: PROTOCOLS });
  return web.alpn ?? probing.notApplicable(
    "The server selects no protocol by ALPN: give one that it knows (--alpn)",
  );
}

/** The result of a session made with one protocol and offered with another; null if it was refused. */
async function offered(
  probing: Probing,
  own: string,
  other: string,
  full: Visit,
): Promise<ProbeResult | null> {
  const session = await probing.session({ alpn: [own] });
  const offer = await probing.visit({
    alpn: [other],
    session,
    title: `A session made with ${own}, offered with ${other}`,
  });
  if (!isMisled(offer) && !refused(offer, full).resumed) return null;
  const facts = {
    protocol: own,
    offered: other,
    full: outcomeOf(full),
    onResumption: outcomeOf(offer),
  };
  const ask = `Who offers ${other} gets ${facts.onResumption}`;
  return facts.full === facts.onResumption
    ? {
      verdict: "pass",
      summary: `${ask}, on a session made with ${own} as without it`,
      facts,
    }
    : {
      verdict: "fail",
      summary:
        `${ask} on a session made with ${own}, and ${facts.full} without it`,
      facts,
    };
}

/** Ensures that the server answered, if it does without a session, by more than the connection's end. */
function refused(offer: Visit, full: Visit): Visit {
  return full.open ? refusedByAlert(answered(offer)) : answered(offer);
}

/** OpenSSL's client ends the connection if the server selects what was not offered. */
function isMisled({ failure }: Visit): boolean {
  return failure?.kind === "error";
}

function outcomeOf({ open, alpn, failure }: Visit): string {
  if (open) return alpn ?? "no protocol";
  return failure?.alert ?? failure?.message ?? "a failure";
}
