import type { ResumptionKind } from "../finding.ts";

/** A session that a server gave: OpenSSL's encoding, with its fields to read and to change. */
export interface ClientSession {
  readonly kind: ResumptionKind;
  /** DER, as i2d_SSL_SESSION(3) writes it. A secret. */
  readonly der: Uint8Array;
  readonly id: Uint8Array;
  /** The ticket or PSK identity; null for sessions by id. */
  readonly ticket: Uint8Array | null;
  /** The master secret (TLS 1.2) or the PSK (TLS 1.3). A secret. */
  readonly masterKey: Uint8Array;
  /** How long it may be used, in seconds, by the server's hint; null if it gave none. */
  readonly lifetimeSeconds: number | null;
  /** TLS 1.3: ticket_age_add. */
  readonly ageAdd: number;
  readonly maxEarlyData: number;
  /** The cipher suite, by OpenSSL's name and by its number. */
  readonly cipher: string;
  readonly cipherSuite: number;
  readonly alpn: string | null;
  readonly name: string | null;
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
  id?: Uint8Array;
  ticket?: Uint8Array;
  masterKey?: Uint8Array;
  /** The cipher suite, by its number. */
  cipherSuite?: number;
  version?: "TLSv1.2" | "TLSv1.3";
  ageAdd?: number;
  /** Moves the time that the client believes it received it, in milliseconds. */
  receivedAt?: number;
  maxEarlyData?: number;
  /** The server's hint, by which OpenSSL's client decides whether it still offers the session. */
  lifetimeSeconds?: number;
  /** The name and protocol that OpenSSL's client compares before it offers early data. */
  name?: string | null;
  alpn?: string | null;
  extendedMasterSecret?: boolean;
}
