import { TlsError } from "../internal/tls_error.ts";
import type { EVP_PKEY, X509 } from "../libssl/handles.ts";
import type { Libssl } from "../libssl/libssl.ts";
import type { Extensions } from "./extensions.ts";
import { checkedKeyType, generateKey, type KeyType } from "./keys.ts";
import {
  type CertificateAndKey,
  withIssuerCertificate,
  withIssuerKey,
  writtenPem,
} from "./pem.ts";

export type { CertificateAndKey };

const X509_VERSION_3 = 2;

/** The longest common name (RFC 5280, `ub-common-name`). */
const MAX_COMMON_NAME_LENGTH = 64;

/** The contents of a certificate. */
export interface CertificateContents {
  readonly keyType: KeyType;
  readonly serial: bigint;
  /** The fields of its subject, such as `["CN", "localhost"]`, the most general first. */
  readonly subject: readonly (readonly [field: string, value: string])[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: Extensions;
}

/**
 * Generates a key and makes a certificate for it, which `issuer` signs, or else the key
 * itself.
 *
 * @throws {TypeError} If there is no such type of key.
 * @throws {TlsError} `certificate`, if OpenSSL can't make it or can't read the issuer.
 */
export function makeCertificate(
  libssl: Libssl,
  contents: CertificateContents,
  issuer?: CertificateAndKey,
): CertificateAndKey {
  const key = generateKey(libssl, checkedKeyType(contents.keyType));
  const cert = libssl.X509_new();
  try {
    if (!key || !cert) throw failure(libssl, "generate a key");
    if (issuer === undefined) {
      fill(libssl, cert, key, contents, cert);
      sign(libssl, cert, key);
    } else {
      withIssuerCertificate(libssl, issuer, (issuerCert) => {
        fill(libssl, cert, key, contents, issuerCert);
      });
      withIssuerKey(libssl, issuer, (issuerKey) => {
        sign(libssl, cert, issuerKey);
      });
    }
    return { cert: certPem(libssl, cert), key: keyPem(libssl, key) };
  } finally {
    libssl.X509_free(cert);
    libssl.EVP_PKEY_free(key);
  }
}

/** Whether the subject of a certificate is its issuer too, as that of a root is. */
export function isSelfIssued(
  libssl: Libssl,
  certificate: CertificateAndKey,
): boolean {
  return withIssuerCertificate(
    libssl,
    certificate,
    (x) => libssl.X509_get_subject_name(x) === libssl.X509_get_issuer_name(x),
  );
}

/** The common name for a host: its first 64 characters. */
export function commonNameOf(host: string): string {
  return host.slice(0, MAX_COMMON_NAME_LENGTH);
}

function fill(
  libssl: Libssl,
  cert: X509,
  key: EVP_PKEY,
  contents: CertificateContents,
  issuer: X509,
): void {
  libssl.X509_set_version(cert, X509_VERSION_3);
  libssl.X509_set_serialNumber(cert, contents.serial);
  libssl.X509_set_notBefore(cert, contents.notBefore);
  libssl.X509_set_notAfter(cert, contents.notAfter);
  for (const [field, value] of contents.subject) {
    if (libssl.X509_add_subject_entry(cert, field, value) !== 1) {
      throw failure(libssl, `set the subject's ${field} to ${value}`);
    }
  }
  libssl.X509_set_issuer(cert, issuer);
  libssl.X509_set_pubkey(cert, key);
  for (const [nid, value] of contents.extensions) {
    if (libssl.X509_add_extension(cert, issuer, nid, value) !== 1) {
      throw failure(libssl, `add the extension ${value}`);
    }
  }
}

function sign(libssl: Libssl, cert: X509, key: EVP_PKEY): void {
  const isEdwards = libssl.EVP_PKEY_get0_type_name(key) === "ED25519";
  if (libssl.X509_sign(cert, key, isEdwards ? null : "SHA256") === 0) {
    throw failure(libssl, "sign it");
  }
}

function certPem(libssl: Libssl, cert: X509): string {
  const pem = writtenPem(
    libssl,
    (bio) => libssl.PEM_write_bio_X509(bio, cert),
  );
  if (pem === null) throw failure(libssl, "write it as PEM");
  return pem;
}

function keyPem(libssl: Libssl, key: EVP_PKEY): string {
  const pem = writtenPem(
    libssl,
    (bio) => libssl.PEM_write_bio_PKCS8PrivateKey(bio, key),
  );
  if (pem === null) throw failure(libssl, "write its key as PEM");
  return pem;
}

function failure(libssl: Libssl, step: string): TlsError {
  const reason = libssl.ERR_get_error_all()?.reason ?? undefined;
  return new TlsError(
    "certificate",
    `Cannot make the certificate: OpenSSL can't ${step}`,
    { reason },
  );
}
