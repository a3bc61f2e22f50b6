import type { ResumptionKind } from "../finding.ts";

/** A session that a server gave: OpenSSL's encoding, with its fields to read and to change. */
export interface ClientSession {
  /** How it is resumed. */
  readonly kind: ResumptionKind;
  /** DER, as i2d_SSL_SESSION(3) writes it. A secret. */
  readonly der: Uint8Array;
  /** The session id; of a TLS 1.3 ticket what OpenSSL makes of it. */
  readonly id: Uint8Array;
  /** The ticket or PSK identity; null for sessions by id. */
  readonly ticket: Uint8Array | null;
  /** The master secret (TLS 1.2) or the PSK (TLS 1.3). A secret. */
  readonly masterKey: Uint8Array;
  /** How long it may be used, in seconds, by the server's hint; null if it gave none. */
  readonly lifetimeSeconds: number | null;
  /** TLS 1.3: ticket_age_add. */
  readonly ageAdd: number;
  /** How many bytes of early data it allows; 0 for none. */
  readonly maxEarlyData: number;
  /** The cipher suite, by OpenSSL's name and by its number. */
  readonly cipher: string;
  /** The same by its number. */
  readonly cipherSuite: number;
  /** The protocol that ALPN chose; null for none. */
  readonly alpn: string | null;
  /** The name that was asked for by SNI; null for none. */
  readonly name: string | null;
  /** Whether its keys are bound to its handshake: RFC 7627. */
  readonly extendedMasterSecret: boolean;
  /** When it was received, in milliseconds since 1970. */
  readonly receivedAt: number;
  /** The certificate that the server had shown: SHA-256 in hexadecimal. */
  readonly serverCertificate: string | null;
  /** A copy with other fields. */
  with(changes: SessionChanges): ClientSession;
}

/** Fields of a session that can be changed. */
export interface SessionChanges {
  /** The session id. */
  id?: Uint8Array;
  /** The ticket or PSK identity. */
  ticket?: Uint8Array;
  /** The master secret, in TLS 1.3 the PSK. */
  masterKey?: Uint8Array;
  /** The cipher suite, by its number. */
  cipherSuite?: number;
  /** The version. */
  version?: "TLSv1.2" | "TLSv1.3";
  /** TLS 1.3: ticket_age_add. */
  ageAdd?: number;
  /** Moves the time that the client believes it received it, in milliseconds. */
  receivedAt?: number;
  /** How many bytes of early data it allows. */
  maxEarlyData?: number;
  /** The server's hint, by which OpenSSL's client decides whether it still offers the session. */
  lifetimeSeconds?: number;
  /** The name and protocol that OpenSSL's client compares before it offers early data. */
  name?: string | null;
  /** The protocol of ALPN, which OpenSSL's client compares likewise. */
  alpn?: string | null;
  /** Whether it is said to have the extended master secret. */
  extendedMasterSecret?: boolean;
}
