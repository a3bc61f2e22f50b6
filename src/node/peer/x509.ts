import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";

/**
 * The runtime's `X509Certificate` of a certificate, with that of its issuer, and of the issuer's.
 *
 * @param chain The certificates in DER, each behind the one that it issued.
 */
export function x509Certificate(
  chain: readonly Uint8Array[],
): X509Certificate | undefined {
  const [leaf, ...issuers] = chain;
  if (leaf === undefined) return undefined;
  const certificate = new X509Certificate(Buffer.from(leaf));
  const issuer = x509Certificate(issuers);
  if (issuer !== undefined) {
    Object.defineProperty(certificate, "issuerCertificate", {
      value: issuer,
      configurable: true,
    });
  }
  return certificate;
}
