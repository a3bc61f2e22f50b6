import { TlsError } from "../../internal/tls_error.ts";
import { byteCopy } from "../../internal/byte_view.ts";
import { TLS1_3_VERSION } from "../../libssl/constants.ts";
import type { SSL_SESSION } from "../../libssl/handles.ts";
import type { NewSession } from "../../libssl/machine_types.ts";
import { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import { opensslError } from "../errors/openssl_error.ts";

/**
 * A session of a client, to resume on another connection, also of another instance or
 * process. It holds secrets, which printing it doesn't show.
 *
 * @example Store a session as bytes
 * ```ts
 * import { TlsSession } from "@sesame/tls";
 *
 * function save(session: TlsSession): Uint8Array {
 *   return session.toBytes();
 * }
 * function load(bytes: Uint8Array): TlsSession {
 *   return TlsSession.fromBytes(bytes);
 * }
 * ```
 */
export class TlsSession {
  readonly #der: Uint8Array;
  /** The version that was negotiated, such as `"TLSv1.3"`. */
  readonly protocol: string;
  /** How many bytes of early data the session allows: 0 if none. */
  readonly maxEarlyData: number;
  /**
   * When the session expires: by the lifetime that the server has set, and at the latest with
   * the first of the server's certificates.
   */
  readonly expiresAt: Date;
  /**
   * The time of the last full handshake, in which the server was verified; resumptions don't
   * change it. For a session of another program, the time of its creation.
   */
  readonly provedAt: Date;

  private constructor(der: Uint8Array, facts: SessionFacts) {
    const { version, proof, time, timeout, lifetimeHint } = facts;
    // In TLS 1.2, a hint of 0 is none (RFC 5077, section 3.3).
    const hint = version === TLS1_3_VERSION || lifetimeHint > 0
      ? lifetimeHint
      : Infinity;
    const seconds = time + Math.min(timeout, hint);
    this.#der = der;
    this.protocol = VERSION_NAMES.get(version) ?? `0x${version.toString(16)}`;
    this.maxEarlyData = facts.maxEarlyData;
    this.expiresAt = new Date(Math.min(seconds * 1000, proof.notAfter));
    this.provedAt = new Date(proof.provedAt);
  }

  /**
   * A session of a connection; it owns the bytes.
   *
   * @internal
   */
  static of(session: NewSession): TlsSession {
    return new TlsSession(session.der, session);
  }

  /**
   * Decodes the bytes of {@linkcode TlsSession.toBytes}, or of `i2d_SSL_SESSION`.
   *
   * @throws {TypeError} If `bytes` is not a Uint8Array.
   * @throws {TlsError} `session`, if it isn't a session.
   */
  static fromBytes(
    bytes: Uint8Array,
    openssl: OpenSSL = OpenSSL.default,
  ): TlsSession {
    const { libssl } = openssl;
    const der = byteCopy(bytes, "bytes");
    const session = libssl.d2i_SSL_SESSION(der);
    if (session === null) {
      throw opensslError(
        libssl,
        "session",
        "Cannot decode the session: it must be in DER",
      );
    }
    try {
      return new TlsSession(der, factsOf(openssl, session));
    } finally {
      libssl.SSL_SESSION_free(session);
    }
  }

  /** The session in DER, as `i2d_SSL_SESSION` writes it: a secret. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#der);
  }
}

/** The fields of a session. */
type SessionFacts = Omit<NewSession, "id" | "der">;

function factsOf(openssl: OpenSSL, session: SSL_SESSION): SessionFacts {
  const { libssl } = openssl;
  return {
    version: libssl.SSL_SESSION_get_protocol_version(session),
    maxEarlyData: libssl.SSL_SESSION_get_max_early_data(session),
    lifetimeHint: libssl.SSL_SESSION_get_ticket_lifetime_hint(session),
    timeout: libssl.SSL_SESSION_get_timeout(session),
    time: libssl.SSL_SESSION_get_time_ex(session),
    proof: opensslInternals.get(openssl).sessionAge.proof(session),
  };
}

/** A session of a live handle. */
export function toTlsSession(
  openssl: OpenSSL,
  session: SSL_SESSION,
): TlsSession {
  const der = openssl.libssl.i2d_SSL_SESSION(session);
  if (der === null) {
    throw new TlsError("session", "Cannot encode the session");
  }
  return TlsSession.fromBytes(der, openssl);
}

const VERSION_NAMES: ReadonlyMap<number, string> = new Map([
  [0x0301, "TLSv1"],
  [0x0302, "TLSv1.1"],
  [0x0303, "TLSv1.2"],
  [0x0304, "TLSv1.3"],
]);
