import {
  type OptionPath,
  optionTypeError,
} from "../../internal/option_error.ts";
import { X509_V_OK } from "../../libssl/constants.ts";
import type { EVP_PKEY, X509 } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { optionFailure } from "../errors/openssl_error.ts";

/** What a context uses of a PKCS#12 file. */
export interface Pkcs12Contents {
  /** The certificate of the private key. */
  readonly leaf: X509;
  /** The issuers of the certificate. */
  readonly chain: readonly X509[];
  /** The private key. */
  readonly pkey: EVP_PKEY;
}

/**
 * Calls `use` with the contents of a PKCS#12 file (RFC 7292).
 *
 * @throws {TypeError} If `pfx` is not a Uint8Array.
 * @throws {TlsError} `certificate`, if it can't be read, or has no certificate with its key.
 */
export function withPkcs12(
  libssl: Libssl,
  pfx: Uint8Array,
  passphrase: string | undefined,
  path: OptionPath,
  use: (contents: Pkcs12Contents) => void,
): void {
  if (!(pfx instanceof Uint8Array)) {
    throw optionTypeError(
      path,
      `must be a Uint8Array, received ${typeof pfx}`,
    );
  }
  const file = libssl.PKCS12_parse(pfx, passphrase ?? null);
  if (file === null) {
    throw optionFailure(
      libssl,
      "certificate",
      path,
      (nameOf) =>
        `Cannot read ${
          nameOf(path)
        }: it is not a PKCS#12 file, or the passphrase is wrong`,
    );
  }
  const { key: pkey, cert: leaf, caCerts } = file;
  try {
    if (!pkey || !leaf) {
      throw optionFailure(
        libssl,
        "certificate",
        path,
        (nameOf) =>
          `Cannot use ${
            nameOf(path)
          }: it has no private key with its certificate`,
      );
    }
    use({ leaf, chain: chainOf(libssl, leaf, caCerts), pkey });
  } finally {
    libssl.EVP_PKEY_free(pkey);
    for (const x of [leaf, ...caCerts]) libssl.X509_free(x);
  }
}

/** The issuers of a certificate in order, without a root; a file has them in any order. */
function chainOf(libssl: Libssl, leaf: X509, others: readonly X509[]): X509[] {
  const isIssuerOf = (issuer: X509, x: X509): boolean =>
    libssl.X509_check_issued(issuer, x) === X509_V_OK;
  const rest = new Set(others.filter((x) => !isIssuerOf(x, x)));
  const chain: X509[] = [];
  for (let last = leaf;;) {
    const issuer = [...rest].find((x) => isIssuerOf(x, last));
    if (issuer === undefined) return chain;
    rest.delete(issuer);
    chain.push(issuer);
    last = issuer;
  }
}
