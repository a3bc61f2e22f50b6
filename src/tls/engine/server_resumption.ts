import { TLS1_3_VERSION } from "../../libssl/constants.ts";
import type { Negotiated } from "../../libssl/machine_types.ts";
import type { SessionVerdict } from "../../libssl/session_age.ts";
import type { Resumption, ResumptionFailure } from "../sessions/resumption.ts";
import type { ServerSessions } from "../sessions/server_sessions.ts";
import type { TicketMode } from "../sessions/session_options.ts";
import { type ClientOffer, hasOffered } from "./client_offer.ts";

/** What a server knows after a handshake. */
export interface ResumptionFacts {
  /** What the client proposed. */
  readonly offer: ClientOffer | undefined;
  /** The mode of sessions. */
  readonly tickets: TicketMode;
  /** The sessions that were looked up, if there is a store. */
  readonly sessions: ServerSessions | undefined;
  /** Returns why the ticket was refused; `"valid"` if that isn't known. */
  ticketFailure(): ResumptionFailure | SessionVerdict;
}

/** Returns whether a handshake resumed a session, and from where or why not. */
export function resumptionOf(
  { isReused, version }: Negotiated,
  facts: ResumptionFacts,
): Resumption {
  if (!isReused) return { resumed: false, reason: whyNot(version, facts) };
  if (facts.sessions?.hasServed) return { resumed: true, from: "store" };
  const from = facts.tickets === "stateful" ? "internal" : "ticket";
  return { resumed: true, from };
}

function whyNot(
  version: number,
  { offer, tickets, sessions, ticketFailure }: ResumptionFacts,
): ResumptionFailure {
  if (!hasOffered(offer, version, tickets)) return "none-offered";
  if (tickets === "off") return "disabled";
  if (tickets === "stateless") {
    const failure = ticketFailure();
    return failure === "valid" ? "ticket-rejected" : failure;
  }
  if (sessions?.failure) return sessions.failure;
  if (!sessions?.hasServed) return "unknown-id";
  return version === TLS1_3_VERSION ? "cipher-mismatch" : "refused";
}
