import type { SSL, X509 } from "../../libssl/handles.ts";
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

/** What the certificate of the peer of `ssl` says; `null` if it showed none. */
export function peerCertificate(
  libssl: Libssl,
  ssl: SSL,
): PeerCertificate | null {
  const cert = libssl.SSL_get0_peer_certificate(ssl);
  return cert && certificateInfo(libssl, cert);
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
