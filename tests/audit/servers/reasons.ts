/**
 * What is to be said of the findings of several servers.
 *
 * @module
 */
import type { Explained } from "./server.ts";

/** The probes of what changes while sessions live on. */
export const CHANGES: readonly string[] = [
  "isolation/changed-certificate",
  "isolation/changed-client-ca",
  "isolation/revoked-certificate",
];

/** Nothing is resumed where it is turned off. */
export const OFF: Explained = {
  probes: ["behaviour/kinds"],
  in: ["no resumption"],
  why:
    "Resumption is turned off here for comparison: each connection needs a full handshake.",
  mend: "leaving it on, as far as the rest allows",
};

/** Ticket keys that each process makes for itself. */
export function ownKeys(mend: string, goneIn: string): Explained {
  return {
    probes: ["behaviour/nodes"],
    kinds: ["tls1.2-ticket", "tls1.3"],
    in: ["stock"],
    why:
      "Each node makes ticket keys of its own when it starts, or keeps sessions for itself.",
    mend,
    goneIn,
  };
}

/** A cache of ids that is a node's own, beside tickets that nodes share. */
export const OWN_CACHE: Explained = {
  probes: ["behaviour/nodes"],
  kinds: ["tls1.2-id"],
  why:
    "Each node keeps sessions for itself: clients of TLS 1.2 that take no tickets, of which there are few, are resumed by one node only.",
};

/** OpenSSL's care for sessions by id. */
export const FORGETFUL: Explained = {
  probes: ["behaviour/unclean-close"],
  why:
    "OpenSSL takes a session out of its cache if the server frees a connection that hasn't ended by close_notify on both sides.",
};

/** A renegotiation that changes who the client is. */
export const RENEGOTIATES: Explained = {
  probes: ["robustness/renegotiation"],
  why: "It renegotiates when a client asks for it, and resumes in it.",
};

/** OpenSSL's callback for ticket keys, that says nothing of new tickets. */
export const NO_RENEWAL: Explained = {
  probes: ["behaviour/renewal"],
  why:
    "With ticket keys of the server's own, OpenSSL sends a new ticket in a resumption of TLS 1.3 only if the callback asks for it, and this server's doesn't. Clients that use each ticket once, as RFC 8446, C.4 has it, pay for a full handshake when those of the first are used up.",
};

/** One cache and one set of keys for all names. */
export function otherName(mend: string, goneIn: string): Explained {
  return {
    probes: ["isolation/other-name"],
    why:
      "All names at an address share ticket keys and cache, and OpenSSL takes a session for another name than it was made for.",
    mend,
    goneIn,
  };
}

/** Names with CAs of their own for client certificates, and one session id context. */
export function otherAuthority(
  where: readonly string[],
  mend: string,
  goneIn: string,
): Explained {
  return {
    probes: ["isolation/name-refuses-certificate"],
    in: where,
    why:
      "The names trust different CAs for client certificates, but share ticket keys and session id context: a session that was made under one name is taken under the other, whose CA never saw the certificate (as in CVE-2025-23419).",
    mend,
    goneIn,
  };
}

/** Sessions that outlive the certificates they were made with. */
export function keysOutlive(
  where: readonly string[],
  mend: string,
  probes: readonly string[] = CHANGES,
): Explained {
  return {
    probes,
    in: where,
    why:
      "Certificates are looked at in full handshakes alone, and ticket keys in a file outlive the restart that brings new certificates, CAs or CRLs.",
    mend,
    goneIn: "new keys",
  };
}

/** Early data that is accepted as often as it comes. */
export function replays(why: string, mend: string, goneIn: string): Explained {
  return {
    probes: [
      "early-data/replay",
      "early-data/replay-other-node",
      "early-data/replay-after-restart",
    ],
    why,
    mend,
    goneIn,
  };
}

/** What OpenSSL compares of early data. */
export function otherTerms(
  mend: string,
  goneIn: string,
  probes: readonly string[] = [
    "early-data/other-cipher",
    "early-data/other-name",
  ],
): Explained {
  return {
    probes,
    why:
      "OpenSSL accepts early data whose session has another cipher suite of the same hash, or was made under another name, though RFC 8446, 4.2.10 has the suite be the same.",
    mend,
    goneIn,
  };
}
