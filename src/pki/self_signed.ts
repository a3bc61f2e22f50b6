import { OpenSSL } from "../libssl/openssl.ts";
import {
  type CertificateAndKey,
  commonNameOf,
  makeCertificate,
} from "./certificate.ts";
import { alternativeNames, NID } from "./extensions.ts";
import type { KeyType } from "./keys.ts";

const DAY_MS = 86_400_000;

/** The contents of a self-signed certificate, and where it is made. */
export interface SelfSignedOptions {
  /** The host names and IP addresses. By default `["localhost"]`. */
  readonly hosts?: readonly string[] | undefined;
  /** The type of the key. By default `"P-256"`. */
  readonly keyType?: KeyType | undefined;
  /** The start of its validity. By default a day ago. */
  readonly notBefore?: Date | undefined;
  /** The end of its validity. By default in a year. */
  readonly notAfter?: Date | undefined;
  /** The instance that makes it. By default {@linkcode OpenSSL.default}. */
  readonly openssl?: OpenSSL | undefined;
}

/**
 * Makes a self-signed certificate of a server, which clients accept if it is one of their
 * `caCerts`.
 *
 * @throws {TypeError} If a host is neither a name nor an IP address, or there is no such type
 * of key.
 * @throws {TlsError} `certificate`, if OpenSSL can't make it.
 */
export function makeSelfSigned(options: SelfSignedOptions): CertificateAndKey {
  const { openssl = OpenSSL.default, hosts = ["localhost"] } = options;
  const names = alternativeNames(hosts);
  const now = openssl.now();
  return makeCertificate(openssl.libssl, {
    keyType: options.keyType ?? "P-256",
    serial: BigInt(Math.floor(now)),
    subject: [["CN", commonNameOf(hosts[0] ?? "")]],
    notBefore: options.notBefore ?? new Date(now - DAY_MS),
    notAfter: options.notAfter ?? new Date(now + 365 * DAY_MS),
    extensions: [
      // Deno's own TLS refuses a server with the certificate of an authority.
      [NID.basicConstraints, "critical,CA:FALSE"],
      [NID.subjectKeyIdentifier, "hash"],
      [NID.subjectAltName, names],
    ],
  });
}
