import type { X509 } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { allocated } from "../errors/openssl_error.ts";

const WHAT = "the peer's certificate";

/** The fields of a peer's certificate. */
export interface PeerCertificate {
  /** The subject's name (RFC 4514). */
  readonly subject: string;
  /** The issuer's name (RFC 4514). */
  readonly issuer: string;
  /** When it becomes valid. */
  readonly validFrom: Date;
  /** When it stops being valid. */
  readonly validTo: Date;
  /** The certificate in DER. */
  readonly raw: Uint8Array;
}

/**
 * The fields of a certificate in DER; `null` without one.
 *
 * @throws {TlsError} `out-of-memory`: a peer with a certificate must not seem to have none.
 */
export function readCertificate(
  libssl: Libssl,
  der: Uint8Array | undefined,
): PeerCertificate | null {
  if (der === undefined) return null;
  const cert = allocated(libssl.d2i_X509(der), WHAT);
  try {
    return certificateInfo(libssl, cert);
  } finally {
    libssl.X509_free(cert);
  }
}

/**
 * The fields of a certificate.
 *
 * @throws {TlsError} `out-of-memory`.
 */
export function certificateInfo(libssl: Libssl, cert: X509): PeerCertificate {
  return Object.freeze({
    subject: libssl.X509_get_subject_name(cert),
    issuer: libssl.X509_get_issuer_name(cert),
    validFrom: libssl.X509_get0_notBefore(cert),
    validTo: libssl.X509_get0_notAfter(cert),
    raw: allocated(libssl.i2d_X509(cert), WHAT),
  });
}
