import type { Libssl } from "../../libssl/libssl.ts";
import { verifyErrorName } from "../../libssl/verify_error.ts";

/** The results of verification that have a code of their own in Node.js. */
const CODES: ReadonlySet<string> = new Set([
  "CERT_CHAIN_TOO_LONG",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REJECTED",
  "CERT_REVOKED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "CRL_HAS_EXPIRED",
  "CRL_NOT_YET_VALID",
  "CRL_SIGNATURE_FAILURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERROR_IN_CERT_NOT_AFTER_FIELD",
  "ERROR_IN_CERT_NOT_BEFORE_FIELD",
  "ERROR_IN_CRL_LAST_UPDATE_FIELD",
  "ERROR_IN_CRL_NEXT_UPDATE_FIELD",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "OUT_OF_MEM",
  "PATH_LENGTH_EXCEEDED",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_DECRYPT_CRL_SIGNATURE",
  "UNABLE_TO_GET_CRL",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Why the peer's certificate isn't trusted. */
export interface VerifyError extends Error {
  /** OpenSSL's name of the reason, or `"UNSPECIFIED"`. */
  readonly code: string;
}

/** The error of a result of verification, `X509_V_*`; `null` for `X509_V_OK`. */
export function verifyError(
  libssl: Libssl,
  result: number,
): VerifyError | null {
  const name = verifyErrorName(result);
  if (name === undefined) return null;
  return Object.assign(
    new Error(libssl.X509_verify_cert_error_string(result)),
    {
      code: CODES.has(name) ? name : "UNSPECIFIED",
    },
  );
}
