import { TLS1_3_VERSION } from "../../libssl/constants.ts";
import type { ClientHello } from "../../libssl/machine_types.ts";
import type { TicketMode } from "../sessions/session_options.ts";

/** What of a hello is kept: the rest may be 64 KiB. */
export type ClientOffer =
  & {
    /** The server name, in lower case, or `null`. */
    readonly serverName: string | null;
  }
  & Pick<ClientHello, "hasSessionId" | "hasTicket" | "hasIdentities">;

/** What a hello offers. */
export function offerOf(hello: ClientHello): ClientOffer {
  const { hostName, hasSessionId, hasTicket, hasIdentities } = hello;
  const serverName = hostName?.toLowerCase() ?? null;
  return { serverName, hasSessionId, hasTicket, hasIdentities };
}

/**
 * Whether a client proposed a session, for the version that was negotiated. The legacy session
 * id may be a session's of TLS 1.2, or random, which can't be told.
 */
export function hasOffered(
  offer: ClientOffer | undefined,
  version: number,
  tickets: TicketMode,
): boolean {
  if (offer === undefined) return false;
  if (version === TLS1_3_VERSION) return offer.hasIdentities;
  return offer.hasTicket || (tickets !== "stateless" && offer.hasSessionId);
}
