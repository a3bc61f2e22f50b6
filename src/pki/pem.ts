import { optionTypeError } from "../internal/option_error.ts";
import { received } from "../internal/received.ts";
import type { BIO, EVP_PKEY, X509 } from "../libssl/handles.ts";
import type { Libssl } from "../libssl/libssl.ts";
import { allocated, optionFailure } from "../tls/errors/openssl_error.ts";

/** A certificate and its private key in PEM. */
export interface CertificateAndKey {
  /** The certificate, followed by its chain, if it has one. */
  readonly cert: string;
  /** The private key, as PKCS#8. */
  readonly key: string;
}

/**
 * Calls `use` with the first certificate of the option `issuer`.
 *
 * @throws {TypeError} If `issuer.cert` is not a string.
 * @throws {TlsError} `certificate`, if OpenSSL can't read it.
 */
export function withIssuerCertificate<T>(
  libssl: Libssl,
  { cert }: CertificateAndKey,
  use: (cert: X509) => T,
): T {
  const x = read(libssl, cert, "cert", (bio) => libssl.PEM_read_bio_X509(bio));
  try {
    return use(x);
  } finally {
    libssl.X509_free(x);
  }
}

/**
 * Calls `use` with the private key of the option `issuer`.
 *
 * @throws {TypeError} If `issuer.key` is not a string.
 * @throws {TlsError} `certificate`, if OpenSSL can't read it.
 */
export function withIssuerKey<T>(
  libssl: Libssl,
  { key }: CertificateAndKey,
  use: (key: EVP_PKEY) => T,
): T {
  const pkey = read(
    libssl,
    key,
    "key",
    (bio) => libssl.PEM_read_bio_PrivateKey(bio),
  );
  try {
    return use(pkey);
  } finally {
    libssl.EVP_PKEY_free(pkey);
  }
}

/** The PEM that `write` writes; `null` if it fails. */
export function writtenPem(
  libssl: Libssl,
  write: (bio: BIO) => number,
): string | null {
  const bio = allocated(libssl.BIO_new_mem(), "a BIO");
  try {
    if (write(bio) !== 1) return null;
    const bytes = new Uint8Array(libssl.BIO_ctrl_pending(bio));
    libssl.BIO_read(bio, bytes);
    return new TextDecoder().decode(bytes);
  } finally {
    libssl.BIO_free(bio);
  }
}

function read<T>(
  libssl: Libssl,
  pem: string,
  name: "cert" | "key",
  readFrom: (bio: BIO) => T | null,
): T {
  const path = ["issuer", name];
  if (typeof pem !== "string") {
    throw optionTypeError(
      path,
      `must be a string of PEM, received ${received(pem)}`,
    );
  }
  const bytes = new TextEncoder().encode(pem);
  const bio = allocated(libssl.BIO_new_mem_buf(bytes), "a BIO");
  try {
    const object = readFrom(bio);
    if (object !== null) return object;
    throw optionFailure(
      libssl,
      "certificate",
      path,
      (nameOf) => `Cannot read ${nameOf(path)}`,
    );
  } finally {
    libssl.BIO_free(bio);
    bytes.fill(0);
  }
}
