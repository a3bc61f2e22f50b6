import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import {
  control,
  needsResumption,
  type Outcome,
  outcomeOf,
  refusedByAlert,
} from "../trial.ts";

/** How often a session is offered. */
const OFFERS = 3;

const singleUse: Probe = {
  id: "behaviour/reuse",
  title: "A session is resumed each time, or once",
  severity: "low",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: 1 + OFFERS + 2,
  references: ["RFC 5246, F.1.4", "RFC 8446, 8.1", "RFC 8446, C.4"],
  explain: {
    sends: `One full handshake, and ${OFFERS} resumptions of its session.`,
    expects:
      "In TLS 1.2 each is resumed. In TLS 1.3 each, or the first only: tickets for single use make early data safe from replay.",
    why:
      "Browsers offer a session of TLS 1.2 on several connections, and make full handshakes where it is gone. A session that is resumed only sometimes is probably known to only some of the servers behind the address.",
  },
  advice:
    "Restrict sessions to single use in TLS 1.3 only; share the session cache or the ticket keys among all servers",
  async run(probing): Promise<ProbeResult> {
    needsResumption(probing);
    const session = await probing.session();
    const outcomes: Outcome[] = [];
    for (let n = 1; n <= OFFERS; n++) {
      const title = `Offer ${n} of the same session`;
      const visit = await probing.visit({ title, session });
      outcomes.push(outcomeOf(refusedByAlert(visit)));
    }
    const resumed = outcomes.filter((outcome) => outcome === "resumed").length;
    const facts = { outcomes, singleUse: resumed === 1 };
    if (outcomes[0] !== "resumed") {
      throw new Error("The session wasn't resumed at its first use");
    }
    if (resumed < OFFERS) await control(probing);
    return { ...concluded(probing, resumed, outcomes), facts };
  },
};

function concluded(
  { kind }: Probing,
  resumed: number,
  outcomes: readonly Outcome[],
): ProbeResult {
  if (outcomes.includes("no handshake")) {
    return {
      verdict: "fail",
      severity: "medium",
      summary: "A session that was used before ends the handshake",
      advice: "Go on with a full handshake where a session isn't known",
    };
  }
  if (resumed === OFFERS) {
    return {
      verdict: "pass",
      summary: `A session was resumed ${OFFERS} times out of ${OFFERS}`,
    };
  }
  if (resumed > 1) {
    return {
      verdict: "warn",
      summary: `A session was resumed ${resumed} times out of ${OFFERS}`,
    };
  }
  return {
    verdict: kind === "tls1.3" ? "pass" : "warn",
    summary: "A session is resumed once",
  };
}

/** Probes of sessions that are offered more than once. */
export const probes: readonly Probe[] = [singleUse];
