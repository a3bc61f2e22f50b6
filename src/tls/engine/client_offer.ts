import { TLS1_3_VERSION } from "../../libssl/constants.ts";
import type { ClientHello } from "../../libssl/machine_types.ts";
import type { TicketMode } from "../sessions/session_options.ts";

/** The part of a hello that is kept: a whole one may have 64 KiB. */
export type ClientOffer =
  & {
    /** The server name, in lower case, or `null`. */
    readonly serverName: string | null;
  }
  & Pick<ClientHello, "hasSessionId" | "hasTicket" | "hasIdentities">;

/** Returns what a hello offers. */
export function offerOf(hello: ClientHello): ClientOffer {
  const { hostName, hasSessionId, hasTicket, hasIdentities } = hello;
  const serverName = hostName?.toLowerCase() ?? null;
  return { serverName, hasSessionId, hasTicket, hasIdentities };
}

/**
 * Whether a client proposed a session for the version that was negotiated. A session id may be
 * that of a TLS 1.2 session or random; the two look alike.
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
