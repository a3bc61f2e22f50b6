import { TlsError } from "../../internal/tls_error.ts";
import { byteCopy } from "../../internal/byte_view.ts";
import { TLS1_3_VERSION } from "../../libssl/constants.ts";
import type { SSL_SESSION } from "../../libssl/handles.ts";
import type { NewSession } from "../../libssl/machine_types.ts";
import { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import { opensslError } from "../errors/openssl_error.ts";

/**
 * A session as a client keeps it, to resume later: on any instance, in any process.
 * It holds a secret; printing it shows none.
 *
 * @example Keeping a session in a file
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
   * When the session stops being usable, as far as the server has said: at the end of the
   * certificates that it stands for at the latest.
   */
  readonly expiresAt: Date;
  /**
   * When the server last proved itself: in the full handshake from which the session comes,
   * through however many resumptions. One that another program made counts from its making.
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
   * A session as a connection gives it, which is its own from here.
   *
   * @internal
   */
  static of(session: NewSession): TlsSession {
    return new TlsSession(session.der, session);
  }

  /**
   * A session of the bytes that {@linkcode TlsSession.toBytes} gave: the ASN.1 form
   * that OpenSSL's `d2i_SSL_SESSION` reads.
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
        "Cannot read the session: it must be in DER",
      );
    }
    try {
      return new TlsSession(der, factsOf(openssl, session));
    } finally {
      libssl.SSL_SESSION_free(session);
    }
  }

  /** The session's bytes: a secret. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#der);
  }
}

/** What a session says of itself. */
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
    throw new TlsError("session", "Cannot serialise the session");
  }
  return TlsSession.fromBytes(der, openssl);
}

const VERSION_NAMES: ReadonlyMap<number, string> = new Map([
  [0x0301, "TLSv1"],
  [0x0302, "TLSv1.1"],
  [0x0303, "TLSv1.2"],
  [0x0304, "TLSv1.3"],
]);
