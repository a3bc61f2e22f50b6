import { latin1 } from "../../internal/bytes.ts";
import { TLS1_2_VERSION, TLS1_3_VERSION } from "../../libssl/constants.ts";
import { CIPHER_SUITES } from "../../testing/trace/cipher_names.ts";
import type { ResumptionKind } from "../finding.ts";
import type { ClientSession, SessionChanges } from "./session.ts";
import { hasExtended, SessionDer, setExtended } from "./session_der.ts";

/** What OpenSSL's encoding of a session doesn't have. */
export interface SessionOrigin {
  readonly cipher: string;
  readonly receivedAt: number;
  readonly serverCertificate: string | null;
}

/** The secrets of the sessions of an audit: they are wiped at its end. */
export type Secrets = Set<Uint8Array>;

/** A session of the audit's client. */
export class AuditSession implements ClientSession {
  readonly kind: ResumptionKind;
  readonly der: Uint8Array;
  readonly id: Uint8Array;
  readonly ticket: Uint8Array | null;
  readonly masterKey: Uint8Array;
  readonly lifetimeSeconds: number | null;
  readonly ageAdd: number;
  readonly maxEarlyData: number;
  readonly cipher: string;
  readonly cipherSuite: number;
  readonly alpn: string | null;
  readonly name: string | null;
  readonly extendedMasterSecret: boolean;
  readonly receivedAt: number;
  readonly serverCertificate: string | null;
  readonly #secrets: Secrets;

  /** Reads a session, which then owns `der`. */
  constructor(der: Uint8Array, origin: SessionOrigin, secrets: Secrets) {
    const fields = new SessionDer(der);
    this.#secrets = secrets;
    this.der = der;
    this.id = fields.bytesOf("id");
    this.ticket = fields.bytes("ticket");
    this.masterKey = fields.bytesOf("masterKey");
    this.kind = fields.version === TLS1_3_VERSION
      ? "tls1.3"
      : this.ticket === null
      ? "tls1.2-id"
      : "tls1.2-ticket";
    // OpenSSL keeps a hint of 0, which is none (RFC 5077, 3.3), and in TLS 1.3 a lifetime of 0.
    const hint = fields.number("lifetimeHint");
    this.lifetimeSeconds = this.kind === "tls1.3" ? hint ?? 0 : hint || null;
    this.ageAdd = fields.number("ageAdd") ?? 0;
    this.maxEarlyData = fields.number("maxEarlyData") ?? 0;
    this.cipherSuite = fields.cipherSuite;
    this.cipher = origin.cipher;
    this.alpn = textOf(fields.bytes("alpn"));
    this.name = textOf(fields.bytes("hostname"));
    this.extendedMasterSecret = hasExtended(fields);
    this.receivedAt = origin.receivedAt;
    this.serverCertificate = origin.serverCertificate;
    fields.wipe();
    secrets.add(der).add(this.masterKey);
  }

  with(changes: SessionChanges): ClientSession {
    const fields = new SessionDer(this.der);
    applyTo(fields, changes);
    const { cipherSuite, receivedAt = this.receivedAt } = changes;
    const cipher = cipherSuite === undefined
      ? this.cipher
      : CIPHER_SUITES.get(cipherSuite) ?? `0x${cipherSuite.toString(16)}`;
    const { serverCertificate } = this;
    const der = fields.encoded();
    fields.wipe();
    return new AuditSession(
      der,
      { cipher, receivedAt, serverCertificate },
      this.#secrets,
    );
  }
}

function applyTo(fields: SessionDer, changes: SessionChanges): void {
  const { id, ticket, masterKey, cipherSuite, version } = changes;
  if (id !== undefined) fields.setBytesOf("id", id);
  if (masterKey !== undefined) fields.setBytesOf("masterKey", masterKey);
  if (ticket !== undefined) fields.setBytes("ticket", ticket);
  if (cipherSuite !== undefined) fields.cipherSuite = cipherSuite;
  if (version !== undefined) {
    fields.version = version === "TLSv1.3" ? TLS1_3_VERSION : TLS1_2_VERSION;
  }
  const { ageAdd, receivedAt, maxEarlyData, lifetimeSeconds } = changes;
  if (ageAdd !== undefined) fields.setNumber("ageAdd", ageAdd);
  if (receivedAt !== undefined) {
    fields.setNumber("time", Math.floor(receivedAt / 1000));
  }
  if (maxEarlyData !== undefined) {
    fields.setNumber("maxEarlyData", maxEarlyData);
  }
  if (lifetimeSeconds !== undefined) {
    fields.setNumber("lifetimeHint", lifetimeSeconds);
  }
  const { name, alpn, extendedMasterSecret } = changes;
  if (name !== undefined) fields.setBytes("hostname", bytesOf(name));
  if (alpn !== undefined) fields.setBytes("alpn", bytesOf(alpn));
  if (extendedMasterSecret !== undefined) {
    setExtended(fields, extendedMasterSecret);
  }
}

/** Names and protocols have a byte for each character here. */
function bytesOf(text: string | null): Uint8Array | null {
  return text === null
    ? null
    : Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : latin1(bytes);
}
