import { TlsError } from "../internal/tls_error.ts";
import type { BIO, EVP_PKEY, X509 } from "../libssl/handles.ts";
import type { Libssl } from "../libssl/libssl.ts";
import { withCertificates, withPrivateKey } from "../tls/context/pem.ts";

const X509_VERSION_3 = 2;
const MAX_NAME_LENGTH = 64;

/** The extensions that test certificates have, by OpenSSL's numbers. */
export const NID = {
  subjectKeyIdentifier: 82,
  keyUsage: 83,
  subjectAltName: 85,
  basicConstraints: 87,
  authorityKeyIdentifier: 90,
  crlDistributionPoints: 103,
  extendedKeyUsage: 126,
  authorityInfoAccess: 177,
} as const;

/** The sort of key that a test certificate is for. */
export type TestKeyType = "P-256" | "RSA-2048" | "Ed25519";

const GENERATORS: Readonly<
  Record<TestKeyType, (libssl: Libssl) => EVP_PKEY | null>
> = {
  "P-256": (libssl) => libssl.EVP_EC_gen("P-256"),
  "RSA-2048": (libssl) => libssl.EVP_RSA_gen(2048),
  "Ed25519": (libssl) => libssl.EVP_PKEY_Q_keygen("ED25519"),
};

/** A certificate and its key, in PEM. */
export interface TestCertificate {
  /** The certificate, and after it its chain, if it has one. */
  readonly cert: string;
  /** The private key, as PKCS#8. */
  readonly key: string;
}

/** What one certificate says. */
export interface CertificateContents {
  readonly keyType: TestKeyType;
  readonly serial: bigint;
  /** The parts of its name, such as `["CN", "localhost"]`, the widest first. */
  readonly subject: readonly (readonly [field: string, value: string])[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** In the words of OpenSSL's x509v3_config. */
  readonly extensions: readonly (readonly [nid: number, value: string])[];
}

/**
 * Makes a key and its certificate, signed by `issuer` or else by itself.
 *
 * @throws {TypeError} If there is no such sort of key.
 * @throws {TlsError} `certificate`, if OpenSSL can't make it or read the issuer.
 */
export function makeCertificate(
  libssl: Libssl,
  contents: CertificateContents,
  issuer?: TestCertificate,
): TestCertificate {
  checkKeyType(contents.keyType);
  const key = GENERATORS[contents.keyType](libssl);
  const cert = libssl.X509_new();
  try {
    if (!key || !cert) throw failure(libssl, "generate a key");
    if (issuer === undefined) {
      fill(libssl, cert, key, contents, cert);
      sign(libssl, cert, key);
    } else {
      withIssuer(libssl, issuer, (issuerCert, issuerKey) => {
        fill(libssl, cert, key, contents, issuerCert);
        sign(libssl, cert, issuerKey);
      });
    }
    return {
      cert: pem(libssl, (bio) => libssl.PEM_write_bio_X509(bio, cert)),
      key: pem(libssl, (bio) => libssl.PEM_write_bio_PKCS8PrivateKey(bio, key)),
    };
  } finally {
    libssl.X509_free(cert);
    libssl.EVP_PKEY_free(key);
  }
}

/** Throws a `TypeError` unless there is such a sort of key. */
export function checkKeyType(type: TestKeyType): void {
  if (typeof type === "string" && Object.hasOwn(GENERATORS, type)) return;
  throw new TypeError(
    `options.keyType must be "P-256", "RSA-2048" or "Ed25519", received ${
      JSON.stringify(type)
    }`,
  );
}

/** Whether a certificate is its own issuer: nobody sends such a one in a chain. */
export function isSelfIssued(
  libssl: Libssl,
  { cert }: TestCertificate,
): boolean {
  return withCertificates(
    libssl,
    cert,
    "options.issuer.cert",
    ([x]) => libssl.X509_get_subject_name(x) === libssl.X509_get_issuer_name(x),
  );
}

/**
 * Hosts as OpenSSL's x509v3_config names them, where commas separate.
 *
 * @throws {TypeError} If one is neither a name nor an IP address.
 */
export function alternativeNames(hosts: readonly string[]): string {
  if (!Array.isArray(hosts) || hosts.length === 0) {
    throw new TypeError(
      `options.hosts must be a list of hosts, received ${
        JSON.stringify(hosts)
      }`,
    );
  }
  return hosts.map((host) => {
    if (typeof host !== "string" || !/^[\w.:*-]+$/.test(host)) {
      throw new TypeError(
        `options.hosts must be host names or IP addresses, received ${
          JSON.stringify(host)
        }`,
      );
    }
    const isAddress = host.includes(":") || /^[\d.]+$/.test(host);
    return `${isAddress ? "IP" : "DNS"}:${host}`;
  }).join(",");
}

/** The common name for a host: X.509 has room for 64 characters. */
export function commonNameOf(host: string): string {
  return host.slice(0, MAX_NAME_LENGTH);
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
      throw failure(libssl, `name it ${field}=${value}`);
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

function withIssuer(
  libssl: Libssl,
  { cert, key }: TestCertificate,
  use: (cert: X509, key: EVP_PKEY) => void,
): void {
  withCertificates(
    libssl,
    cert,
    "options.issuer.cert",
    ([x]) =>
      withPrivateKey(
        libssl,
        key,
        "options.issuer.key",
        (pkey) => use(x, pkey),
      ),
  );
}

function pem(libssl: Libssl, write: (bio: BIO) => number): string {
  const bio = libssl.BIO_new_mem();
  if (!bio || write(bio) !== 1) throw failure(libssl, "write PEM");
  const bytes = new Uint8Array(libssl.BIO_ctrl_pending(bio));
  libssl.BIO_read(bio, bytes);
  libssl.BIO_free(bio);
  return new TextDecoder().decode(bytes);
}

function failure(libssl: Libssl, what: string): TlsError {
  const reason = libssl.ERR_get_error_all()?.reason ?? undefined;
  return new TlsError(
    "certificate",
    `Cannot make a test certificate: cannot ${what}`,
    { reason },
  );
}
