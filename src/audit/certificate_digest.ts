import { toHex } from "../internal/bytes.ts";
import type { X509 } from "../libssl/handles.ts";
import type { Libssl } from "../libssl/libssl.ts";
import { allocated } from "../tls/errors/openssl_error.ts";

/** SHA-256 of a certificate, in hexadecimal. */
export function certificateDigest(libssl: Libssl, certificate: X509): string {
  return toHex(
    allocated(libssl.X509_digest(certificate, "SHA256"), "a digest"),
  );
}
