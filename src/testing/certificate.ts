import { ownOptions } from "../internal/own_options.ts";
import { OpenSSL } from "../libssl/openssl.ts";
import {
  alternativeNames,
  commonNameOf,
  makeCertificate,
  NID,
  type TestCertificate,
  type TestKeyType,
} from "../pki/certificate.ts";

export type { TestCertificate, TestKeyType } from "../pki/certificate.ts";

const DAY_MS = 86_400_000;

/** What a test certificate says. */
export interface TestCertificateOptions {
  /** Host names and IP addresses it is for. By default `["localhost"]`. */
  hosts?: readonly string[] | undefined;
  /** The sort of key. By default `"P-256"`; RSA takes half a second or so. */
  keyType?: TestKeyType | undefined;
  /** When it becomes valid. By default a day ago. */
  notBefore?: Date | undefined;
  /** When it stops being valid. By default in a year. */
  notAfter?: Date | undefined;
  /** The instance that makes it. By default {@linkcode OpenSSL.default}. */
  openssl?: OpenSSL | undefined;
}

/**
 * Makes a self-signed certificate for tests and demos: trust it by `caCerts`.
 *
 * @throws {TypeError} If a host is neither a name nor an IP address, or an option has
 * another name.
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
  const own = ownOptions(options, {
    hosts: true,
    keyType: true,
    notBefore: true,
    notAfter: true,
    openssl: true,
  }, { of: "createTestCertificate" });
  const { openssl = OpenSSL.default, hosts = ["localhost"] } = own;
  const names = alternativeNames(hosts);
  const now = openssl.now();
  return makeCertificate(openssl.libssl, {
    keyType: own.keyType ?? "P-256",
    serial: BigInt(Math.floor(now)),
    subject: [["CN", commonNameOf(hosts[0] ?? "")]],
    notBefore: own.notBefore ?? new Date(now - DAY_MS),
    notAfter: own.notAfter ?? new Date(now + 365 * DAY_MS),
    extensions: [
      // Deno's own TLS takes no authority for a server.
      [NID.basicConstraints, "critical,CA:FALSE"],
      [NID.subjectKeyIdentifier, "hash"],
      [NID.subjectAltName, names],
    ],
  });
}
