import { OpenSSL } from "../libssl/openssl.ts";
import type { EVP_PKEY, X509 } from "../libssl/handles.ts";
import type { Libssl } from "../libssl/libssl.ts";
import { TlsError } from "../ffi/tls_error.ts";

const DAY_MS = 86_400_000;
const NID_SUBJECT_KEY_IDENTIFIER = 82;
const NID_SUBJECT_ALT_NAME = 85;
const NID_BASIC_CONSTRAINTS = 87;

/** The sort of key that a test certificate is for. */
export type TestKeyType = "P-256" | "RSA-2048" | "Ed25519";

/** What a test certificate says. */
export interface TestCertificateOptions {
  /** Host names and IP addresses it is for. By default `["localhost"]`. */
  hosts?: string[];
  /** The sort of key. By default `"P-256"`; RSA takes a second or so. */
  keyType?: TestKeyType;
  /** When it becomes valid. By default a day ago. */
  notBefore?: Date;
  /** When it stops being valid. By default in a year. */
  notAfter?: Date;
  /** The instance that makes it. By default {@linkcode OpenSSL.default}. */
  openssl?: OpenSSL;
}

/** A certificate and its key, in PEM. */
export interface TestCertificate {
  /** The certificate. */
  readonly cert: string;
  /** The private key, as PKCS#8. */
  readonly key: string;
}

/**
 * Makes a self-signed certificate for tests and demos: trust it by `caCerts`.
 *
 * @throws {TypeError} If a host is neither a name nor an IP address.
 *
 * @example
 * ```ts
 * import { createTestCertificate } from "@sesame/tls/testing";
 * import { assert } from "@std/assert";
 *
 * const { cert, key } = createTestCertificate({ hosts: ["localhost", "::1"] });
 * assert(cert.startsWith("-----BEGIN CERTIFICATE-----"));
 * assert(key.startsWith("-----BEGIN PRIVATE KEY-----"));
 * ```
 */
export function createTestCertificate(
  options: TestCertificateOptions = {},
): TestCertificate {
  const { openssl = OpenSSL.default, hosts = ["localhost"] } = options;
  if (!Array.isArray(hosts) || hosts.length === 0) {
    throw new TypeError(
      `options.hosts must be a list of hosts, received ${
        JSON.stringify(hosts)
      }`,
    );
  }
  const names = hosts.map(alternativeName).join(",");
  const { libssl } = openssl;
  const key = generateKey(libssl, options.keyType ?? "P-256");
  const cert = libssl.X509_new();
  try {
    if (!key || !cert) throw failure(libssl, "generate a key");
    const now = openssl.now();
    libssl.X509_set_version(cert, 2);
    libssl.X509_set_serialNumber(cert, BigInt(Math.floor(now)));
    libssl.X509_set_notBefore(
      cert,
      options.notBefore ?? new Date(now - DAY_MS),
    );
    libssl.X509_set_notAfter(
      cert,
      options.notAfter ?? new Date(now + 365 * DAY_MS),
    );
    libssl.X509_add_subject_entry(cert, "CN", (hosts[0] ?? "").slice(0, 64));
    libssl.X509_set_issuer(cert, cert);
    libssl.X509_set_pubkey(cert, key);
    for (
      const [nid, value] of [
        // Deno's own TLS takes no authority for a server.
        [NID_BASIC_CONSTRAINTS, "critical,CA:FALSE"],
        [NID_SUBJECT_KEY_IDENTIFIER, "hash"],
        [NID_SUBJECT_ALT_NAME, names],
      ] as const
    ) {
      if (libssl.X509_add_extension(cert, cert, nid, value) !== 1) {
        throw failure(libssl, `add the extension ${value}`);
      }
    }
    const digest = options.keyType === "Ed25519" ? null : "SHA256";
    if (libssl.X509_sign(cert, key, digest) === 0) {
      throw failure(libssl, "sign it");
    }
    return { cert: certToPem(libssl, cert), key: keyToPem(libssl, key) };
  } finally {
    libssl.X509_free(cert);
    libssl.EVP_PKEY_free(key);
  }
}

/** A host as OpenSSL's x509v3_config names it, where commas separate. */
function alternativeName(host: string): string {
  if (typeof host !== "string" || !/^[\w.:*-]+$/.test(host)) {
    throw new TypeError(
      `options.hosts must be host names or IP addresses, received ${
        JSON.stringify(host)
      }`,
    );
  }
  const isAddress = host.includes(":") || /^[\d.]+$/.test(host);
  return `${isAddress ? "IP" : "DNS"}:${host}`;
}

function generateKey(libssl: Libssl, type: TestKeyType): EVP_PKEY | null {
  switch (type) {
    case "P-256":
      return libssl.EVP_EC_gen("P-256");
    case "RSA-2048":
      return libssl.EVP_RSA_gen(2048);
    case "Ed25519":
      return libssl.EVP_PKEY_Q_keygen("ED25519");
    default:
      throw new TypeError(
        `options.keyType must be "P-256", "RSA-2048" or "Ed25519", received ${
          JSON.stringify(type)
        }`,
      );
  }
}

function certToPem(libssl: Libssl, cert: X509): string {
  return pem(libssl, (bio) => libssl.PEM_write_bio_X509(bio, cert));
}

function keyToPem(libssl: Libssl, key: EVP_PKEY): string {
  return pem(libssl, (bio) => libssl.PEM_write_bio_PKCS8PrivateKey(bio, key));
}

type Bio = NonNullable<ReturnType<Libssl["BIO_new_mem"]>>;

function pem(libssl: Libssl, write: (bio: Bio) => number): string {
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
