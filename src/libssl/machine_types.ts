/** What connections that are driven a flight a call ask and tell: wasm/connection.c. */

import type { Misfit } from "./policy.ts";
import type { SessionProof, SessionVerdict } from "./session_age.ts";

/** How a connection's sessions are found again: `"unchanged"` as its context says. */
export type TicketsAre = "unchanged" | "off" | "stateful" | "stateless";

/** What a client hello says that concerns sessions. What can't be parsed counts as absent. */
export interface ClientHello {
  /** Whether it begins a handshake; not if it answers a HelloRetryRequest. */
  readonly isNew: boolean;
  /** The host name that it asks for, each byte a character, or `null`. */
  readonly hostName: string | null;
  /** Whether it offers TLS 1.3. */
  readonly offersTls13: boolean;
  /** Whether the connection may be of TLS 1.3, as it is configured now. */
  readonly allowsTls13: boolean;
  /** Whether it has a session id, a stateless ticket of TLS 1.2, and pre-shared keys. */
  readonly hasSessionId: boolean;
  readonly hasTicket: boolean;
  readonly hasIdentities: boolean;
  /** The session id of TLS 1.2; random, and no session's, if the peers agree on 1.3. */
  sessionId(): Uint8Array;
  /** Its stateless ticket of TLS 1.2 (RFC 5077). */
  ticket(): Uint8Array;
  /** The identities of its pre-shared keys (RFC 8446, 4.2.11). */
  identities(): Uint8Array[];
}

/** On what terms a connection makes and resumes sessions. */
export interface SessionTerms {
  /** What they are bound to; empty for what the context says. */
  readonly context: Uint8Array;
  /** How they are found again. */
  readonly tickets: TicketsAre;
  /** Whether its owner is told of new ones. */
  readonly wantsSessions: boolean;
  /** How long after their peer's proof they may be resumed, in seconds. */
  readonly maxAge: number;
}

/** The answer to a hello. */
export interface HelloAnswer {
  /** `SSL_CLIENT_HELLO_*`. */
  readonly result: number;
  /** The alert, if it is an error; 0 for OpenSSL's own. */
  readonly alert: number;
  /** The terms, if they are new. */
  readonly terms: SessionTerms | undefined;
  /** How many sessions may be looked for. */
  readonly finds: number;
}

/** The answer to an id. */
export interface FoundSession {
  readonly der: Uint8Array;
  /** When the store is done with it, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** Whether nobody else will be given it. */
  readonly wasTaken: boolean;
}

/** A session that was negotiated: copies. */
export interface NewSession {
  readonly id: Uint8Array<ArrayBuffer>;
  /** In OpenSSL's ASN.1 form: a secret. */
  readonly der: Uint8Array<ArrayBuffer>;
  readonly version: number;
  readonly maxEarlyData: number;
  /** The lifetimes that the server has said and that OpenSSL gives it, in seconds. */
  readonly lifetimeHint: number;
  readonly timeout: number;
  /** When it was made, in seconds since 1970. */
  readonly time: number;
  readonly proof: SessionProof;
}

/** Why a session that was found is not resumed. */
export type SessionFlaw = "malformed-record" | Misfit | SessionVerdict;

/** Who answers for a connection. */
export interface ConnectionOwner {
  /** A hello has come (servers): what it has is read before the answer, or never. */
  onHello?(hello: ClientHello): HelloAnswer;
  /** A client proposes a session by an id, each byte a character: gives it, if there is one (servers). */
  findSession?(id: string, give: (found: FoundSession) => void): void;
  /** The session that was found isn't resumed (servers). */
  onSessionRefused?(flaw: SessionFlaw): void;
  /** There is a new session. */
  onNewSession(session: NewSession): void;
}

/** What a connection has negotiated: copies. */
export interface Negotiated {
  readonly version: number;
  readonly isReused: boolean;
  /** The cipher suite by the RFCs' name. */
  readonly cipher: string;
  readonly group: string | null;
  readonly serverName: string | null;
  readonly alpn: Uint8Array;
  /** `SSL_EARLY_DATA_*`. */
  readonly earlyDataStatus: number;
  /** The peer's certificate in DER, if it has shown one. */
  readonly certificate: Uint8Array<ArrayBuffer> | undefined;
}

/** Where a connection stands. */
export type ConnectionPhase =
  | "handshaking"
  | "open"
  | "closing"
  | "closed"
  | "failed";

/** What has become of a run. */
export interface Run {
  /** How many bytes of the peer's were taken. */
  readonly taken: number;
  /** How many bytes of data were written. */
  readonly written: number;
  /** What there is for the peer. */
  readonly wire: Uint8Array<ArrayBuffer>;
  /** What was read: early data, if the handshake was under way. */
  readonly plaintext: Uint8Array<ArrayBuffer>;
  /** What was negotiated, if the handshake is done by now. */
  readonly opened: Negotiated | undefined;
  /** Whether there is more to do at once. */
  readonly hasMore: boolean;
  /** Whether the peer has sent close_notify. */
  readonly peerClosed: boolean;
  /** Where the connection stands. If it has failed, the error queue says why. */
  readonly phase: ConnectionPhase;
  /** The alert that ended it, as an info callback gets it; 0 without. */
  readonly alert: number;
  /** `X509_V_*`. */
  readonly verifyResult: number;
  /** How many handshakes have begun and been completed: renegotiations, too. */
  readonly handshakesBegun: number;
  readonly handshakesDone: number;
}

/** What a run is given. */
export interface RunInput {
  /** Bytes of the peer's, at most `STAGING_BYTES`. */
  readonly incoming?: Uint8Array | undefined;
  /** Data to be written, at most `STAGING_BYTES`: early data while the handshake is under way. */
  readonly data?: Uint8Array | undefined;
  /** Whether close_notify follows what is written. */
  readonly ends?: boolean;
  /** Whether `data` is all the early data that is left. */
  readonly isAllEarlyData?: boolean;
}

/** What a connection is made for. */
export interface ConnectionSetup {
  readonly role: "client" | "server";
  /** How many bytes each direction of its BIO pair holds; 0 for 17 KiB. */
  readonly pairBytes: number;
  /** Whether early data may come before the handshake is done (servers). */
  readonly readsEarlyData: boolean;
}
