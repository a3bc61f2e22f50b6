/** The input, the results and the callbacks of a connection's machine: wasm/connection.c. */

import type { Misfit } from "./policy.ts";
import type { SessionProof, SessionVerdict } from "./session_age.ts";

/** The mode of a connection's sessions; `"unchanged"`: that of its context. */
export type ConnectionTickets = "unchanged" | "off" | "stateful" | "stateless";

/** The parts of a client hello that concern sessions. A part that can't be parsed is absent. */
export interface ClientHello {
  /** Whether it begins a handshake; not if it answers a HelloRetryRequest. */
  readonly isNew: boolean;
  /** The host name (SNI), each byte a character, or `null`. */
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

/** How a connection makes and resumes sessions. */
export interface SessionTerms {
  /** The session id context; empty for that of the context. */
  readonly context: Uint8Array;
  /** The mode of sessions. */
  readonly tickets: ConnectionTickets;
  /** Whether `onNewSession` is called. */
  readonly wantsSessions: boolean;
  /** How long after the last full handshake a session may be resumed, in seconds. */
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
  /** How many times `findSession` may be called. */
  readonly finds: number;
}

/** A session that was found by its id. */
export interface FoundSession {
  readonly der: Uint8Array;
  /** When its record expires, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** Whether it was taken out of the store. */
  readonly wasTaken: boolean;
}

/** A new session; the bytes are copies. */
export interface NewSession {
  readonly id: Uint8Array<ArrayBuffer>;
  /** In OpenSSL's ASN.1 form: a secret. */
  readonly der: Uint8Array<ArrayBuffer>;
  readonly version: number;
  readonly maxEarlyData: number;
  /** The lifetime that the server announced, and OpenSSL's timeout, in seconds. */
  readonly lifetimeHint: number;
  readonly timeout: number;
  /** When it was created, in seconds since 1970. */
  readonly time: number;
  readonly proof: SessionProof;
}

/** Why a session that was found isn't resumed. */
export type SessionFlaw = "malformed-record" | Misfit | SessionVerdict;

/** The receiver of a connection's callbacks. */
export interface ConnectionOwner {
  /** A hello has come (servers). `hello` is valid until this returns. */
  onHello?(hello: ClientHello): HelloAnswer;
  /** Passes the session of an id, each byte a character, to `give`, if there is one (servers). */
  findSession?(id: string, give: (found: FoundSession) => void): void;
  /** The session that was found is refused (servers). */
  onSessionRefused?(flaw: SessionFlaw): void;
  /** A session was negotiated. */
  onNewSession(session: NewSession): void;
}

/** What a connection has negotiated; the bytes are copies. */
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
  /** The peer's certificate in DER, if it has sent one. */
  readonly certificate: Uint8Array<ArrayBuffer> | undefined;
}

/** The state of a connection. */
export type ConnectionPhase =
  | "handshaking"
  | "open"
  | "closing"
  | "closed"
  | "failed";

/** The results of a run. */
export interface Run {
  /** How many bytes from the peer were taken. */
  readonly taken: number;
  /** How many bytes of data were written. */
  readonly written: number;
  /** The bytes to send to the peer. */
  readonly wire: Uint8Array<ArrayBuffer>;
  /** The data that was read: early data, if the handshake was under way. */
  readonly plaintext: Uint8Array<ArrayBuffer>;
  /** What was negotiated, if this run has completed the handshake. */
  readonly opened: Negotiated | undefined;
  /** Whether there is more to do at once. */
  readonly hasMore: boolean;
  /** Whether the peer has sent close_notify. */
  readonly peerClosed: boolean;
  /** The state of the connection. If it has failed, the error queue has the reason. */
  readonly phase: ConnectionPhase;
  /** The alert that ended it, as an info callback receives it; 0 if there was none. */
  readonly alert: number;
  /** `X509_V_*`. */
  readonly verifyResult: number;
  /** How many handshakes were begun and completed, with renegotiations. */
  readonly handshakesBegun: number;
  readonly handshakesDone: number;
}

/** The input of a run. */
export interface RunInput {
  /** Bytes from the peer, at most `STAGING_BYTES`. */
  readonly incoming?: Uint8Array | undefined;
  /** Data to be written, at most `STAGING_BYTES`: early data while the handshake is under way. */
  readonly data?: Uint8Array | undefined;
  /** Whether close_notify is sent after `data`. */
  readonly ends?: boolean;
  /** Whether `data` is all the early data that is left. */
  readonly isAllEarlyData?: boolean;
}

/** The settings of a new connection. */
export interface ConnectionSetup {
  readonly role: "client" | "server";
  /** How many bytes each direction of its BIO pair holds; 0 for 17 KiB. */
  readonly pairBytes: number;
  /** Whether early data may come before the handshake is done (servers). */
  readonly readsEarlyData: boolean;
}
