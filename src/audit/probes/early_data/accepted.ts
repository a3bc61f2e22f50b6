import { failureOf } from "../trial.ts";
import type { Probe, ProbeResult } from "../../probe.ts";
import { isAccepted, sendEarly } from "./early.ts";

/** What a session is made to allow whose ticket allows nothing. */
const CLAIMED_BYTES = 1024;

const accepted: Probe = {
  id: "early-data/accepted",
  title: "Early data is accepted where a ticket allows it, and nowhere else",
  severity: "medium",
  kinds: ["tls1.3"],
  needs: [],
  connections: 2,
  references: ["RFC 8446, 2.3", "RFC 8446, 4.2.10", "RFC 8470"],
  explain: {
    sends:
      "A full handshake, and a resumption with the request as early data, even if the ticket allows none.",
    expects:
      "If the ticket allows it, it is accepted. If not, it is skipped, or the connection ends.",
    why:
      "Early data isn't forward secret, and can be replayed: a server should accept it only on purpose. A ticket that allows what the server then rejects costs the client a second transmission.",
  },
  advice: "Allow early data in tickets only if the server accepts it",
  async run(probing): Promise<ProbeResult> {
    const ticket = await probing.session();
    const isAllowed = ticket.maxEarlyData > 0;
    const session = isAllowed
      ? ticket
      : ticket.with({ maxEarlyData: CLAIMED_BYTES });
    const visit = await sendEarly(probing, session, {
      title: isAllowed
        ? "Early data that the ticket allows"
        : "Early data that the ticket doesn't allow",
    });
    const takes = isAccepted(visit);
    const facts = {
      allowed: isAllowed,
      maxEarlyDataBytes: ticket.maxEarlyData,
      accepted: takes,
    };
    if (isAllowed && takes) {
      return {
        verdict: "pass",
        summary:
          `Tickets allow ${ticket.maxEarlyData} bytes of early data, which the server accepts`,
        facts,
      };
    }
    if (isAllowed) {
      return {
        verdict: "warn",
        severity: "low",
        summary: visit.open
          ? `Tickets allow ${ticket.maxEarlyData} bytes of early data, but the server rejects it`
          : `Tickets allow ${ticket.maxEarlyData} bytes of early data, but it ends the connection: ${
            failureOf(visit)
          }`,
        facts,
      };
    }
    if (takes) {
      return {
        verdict: "fail",
        summary: "The server accepts early data that its ticket doesn't allow",
        facts,
      };
    }
    if (visit.open && !visit.resumed) {
      probing.notApplicable("The session isn't resumed");
    }
    return {
      verdict: "pass",
      summary: visit.open
        ? "Tickets allow no early data, and the server skips what is sent"
        : `Tickets allow no early data, and it ends the connection: ${
          failureOf(visit)
        }`,
      facts,
    };
  },
};

/** Whether early data is accepted at all. */
export const probes: readonly Probe[] = [accepted];
