import type { SSL_CTX } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { nativeError } from "../errors/coded_error.ts";
import { operationFailed } from "../errors/tls_errors.ts";
import type { PemInput } from "./options.ts";
import { withInput } from "./pem.ts";

/** The fewest bits of Diffie-Hellman parameters, and how many they should have. */
const MIN_DH_BITS = 1024;
const ADVISED_DH_BITS = 2048;

/**
 * Sets a context's Diffie-Hellman parameters, those of a PEM or, with `true`, those of OpenSSL
 * that fit the key. Returns a warning if they are weak.
 */
export function setDhParameters(
  libssl: OpenSSL["libssl"],
  ctx: SSL_CTX,
  parameters: PemInput | true,
): string | undefined {
  if (parameters === true) {
    libssl.SSL_CTX_set_dh_auto(ctx, 1);
    return undefined;
  }
  const dh = withInput(
    libssl,
    parameters,
    (bio) => libssl.PEM_read_bio_Parameters(bio),
  );
  libssl.ERR_clear_error();
  if (dh === null) return undefined;
  const bits = libssl.EVP_PKEY_get_bits(dh);
  if (bits < MIN_DH_BITS) {
    libssl.EVP_PKEY_free(dh);
    throw nativeError(
      Error,
      "ERR_INVALID_ARG_VALUE",
      "DH parameter is less than 1024 bits",
    );
  }
  if (libssl.SSL_CTX_set0_tmp_dh_pkey(ctx, dh) !== 1) {
    libssl.EVP_PKEY_free(dh);
    throw operationFailed("Error setting temp DH parameter");
  }
  return bits < ADVISED_DH_BITS
    ? "DH parameter is less than 2048 bits"
    : undefined;
}
