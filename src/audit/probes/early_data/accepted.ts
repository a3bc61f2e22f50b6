import { failureOf } from "../trial.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { isAccepted, newSession, sendEarly } from "./early.ts";
import type { ClientSession } from "../../client/session.ts";
import type { Visit } from "../../client/visit_types.ts";

/** What a session is made to allow whose ticket allows nothing. */
const CLAIMED_BYTES = 1024;

const accepted: Probe = {
  id: "early-data/accepted",
  title: "Early data is accepted where a ticket allows it, and nowhere else",
  severity: "medium",
  kinds: ["tls1.3"],
  needs: [],
  connections: 4,
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
    const { ticket, visit } = await offered(probing);
    const isAllowed = ticket.maxEarlyData > 0;
    const takes = isAccepted(visit);
    const allowed = isAllowed
      ? `Tickets allow ${ticket.maxEarlyData} bytes of early data`
      : "Tickets allow no early data";
    const facts = {
      allowed: isAllowed,
      maxEarlyDataBytes: ticket.maxEarlyData,
      accepted: takes,
    };
    if (takes) {
      return isAllowed
        ? {
          verdict: "pass",
          summary: `${allowed}, which the server accepts`,
          facts,
        }
        : {
          verdict: "fail",
          summary: `${allowed}, but the server accepts it`,
          facts,
        };
    }
    const ending = visit.open
      ? null
      : `the connection ends by it: ${failureOf(visit)}`;
    return isAllowed
      ? {
        verdict: "warn",
        severity: "low",
        summary: `${allowed}, but ${ending ?? "the server rejects it"}`,
        facts,
      }
      : {
        verdict: "pass",
        summary: `${allowed}, and ${ending ?? "the server skips it"}`,
        facts,
      };
  },
};

/** Offers a session with early data: twice, if what the ticket allows is rejected. */
async function offered(
  probing: Probing,
): Promise<{ ticket: ClientSession; visit: Visit }> {
  for (let isLast = false;; isLast = true) {
    const ticket = await newSession(probing);
    const isAllowed = ticket.maxEarlyData > 0;
    const visit = await sendEarly(
      probing,
      isAllowed ? ticket : ticket.with({ maxEarlyData: CLAIMED_BYTES }),
      {
        title: isAllowed
          ? "Early data that the ticket allows"
          : "Early data that the ticket doesn't allow",
      },
    );
    if (isLast || !isAllowed || isAccepted(visit)) return { ticket, visit };
  }
}

/** Whether early data is accepted at all. */
export const probes: readonly Probe[] = [accepted];
