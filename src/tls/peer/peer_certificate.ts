import type { X509 } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";

/** What a peer's certificate says. */
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

/** What a certificate in DER says; `null` if there is none, or without memory. */
export function readCertificate(
  libssl: Libssl,
  der: Uint8Array | undefined,
): PeerCertificate | null {
  const cert = der ? libssl.d2i_X509(der) : null;
  if (cert === null) return null;
  try {
    return certificateInfo(libssl, cert);
  } finally {
    libssl.X509_free(cert);
  }
}

/** What a certificate says; `null` without memory. */
export function certificateInfo(
  libssl: Libssl,
  cert: X509,
): PeerCertificate | null {
  const raw = libssl.i2d_X509(cert);
  if (!raw) return null;
  return Object.freeze({
    subject: libssl.X509_get_subject_name(cert),
    issuer: libssl.X509_get_issuer_name(cert),
    validFrom: libssl.X509_get0_notBefore(cert),
    validTo: libssl.X509_get0_notAfter(cert),
    raw,
  });
}
