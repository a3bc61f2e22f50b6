import type { BIO, EVP_PKEY, X509 } from "../libssl/handles.ts";
import type { Libssl } from "../libssl/libssl.ts";
import { allocated, opensslError } from "./openssl_error.ts";

/**
 * Runs `use` with the certificates in `pem`, the first one first.
 *
 * @throws {TypeError} If `pem` is not a string.
 * @throws {TlsError} `certificate`, if it holds none or a broken one.
 */
export function withCertificates<T>(
  libssl: Libssl,
  pem: string,
  name: string,
  use: (certificates: [X509, ...X509[]]) => T,
): T {
  const certificates: X509[] = [];
  try {
    withText(libssl, pem, name, (bio) => {
      for (
        let x = libssl.PEM_read_bio_X509(bio);
        x !== null;
        x = libssl.PEM_read_bio_X509(bio)
      ) {
        certificates.push(x);
      }
    });
    const isAtEnd = certificates.length === countCertificates(pem);
    const [leaf, ...chain] = certificates;
    if (!leaf || !isAtEnd) {
      throw opensslError(
        libssl,
        "certificate",
        `Cannot read ${name}: expected certificates in PEM`,
      );
    }
    libssl.ERR_clear_error();
    return use([leaf, ...chain]);
  } finally {
    for (const x of certificates) libssl.X509_free(x);
  }
}

/**
 * Runs `use` with the private key in `pem`.
 *
 * @throws {TypeError} If `pem` is not a string.
 * @throws {TlsError} `certificate`, if it holds none, or an encrypted one.
 */
export function withPrivateKey<T>(
  libssl: Libssl,
  pem: string,
  name: string,
  use: (key: EVP_PKEY) => T,
): T {
  const key = withText(
    libssl,
    pem,
    name,
    (bio) => libssl.PEM_read_bio_PrivateKey(bio),
  );
  if (key === null) {
    throw opensslError(
      libssl,
      "certificate",
      `Cannot read ${name}: expected an unencrypted private key in PEM`,
    );
  }
  try {
    return use(key);
  } finally {
    libssl.EVP_PKEY_free(key);
  }
}

function withText<T>(
  libssl: Libssl,
  pem: string,
  name: string,
  use: (bio: BIO) => T,
): T {
  if (typeof pem !== "string") {
    throw new TypeError(
      `${name} must be a string of PEM, received ${typeof pem}`,
    );
  }
  const bytes = new TextEncoder().encode(pem);
  const bio = allocated(libssl.BIO_new_mem_buf(bytes), "a BIO");
  bytes.fill(0);
  try {
    return use(bio);
  } finally {
    libssl.BIO_free(bio);
  }
}

function countCertificates(pem: string): number {
  return pem.match(/^-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/gm)?.length ??
    0;
}
