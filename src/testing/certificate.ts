import { ownOptions } from "../internal/own_options.ts";
import type { OpenSSL } from "../libssl/openssl.ts";
import type { CertificateAndKey as TestCertificate } from "../pki/certificate.ts";
import type { KeyType as TestKeyType } from "../pki/keys.ts";
import { makeSelfSigned } from "../pki/self_signed.ts";

export type { TestCertificate, TestKeyType };

/** Options of {@linkcode createTestCertificate}. */
export interface TestCertificateOptions {
  /** The host names and IP addresses. By default `["localhost"]`. */
  hosts?: readonly string[] | undefined;
  /** The type of the key. By default `"P-256"`; an RSA key takes about half a second. */
  keyType?: TestKeyType | undefined;
  /** The start of its validity. By default a day ago. */
  notBefore?: Date | undefined;
  /** The end of its validity. By default in a year. */
  notAfter?: Date | undefined;
  /** The instance that makes it. By default {@linkcode OpenSSL.default}. */
  openssl?: OpenSSL | undefined;
}

/**
 * Makes a self-signed certificate for tests and demos. Clients accept it if it is one of
 * their `caCerts`.
 *
 * @throws {TypeError} If an option has the wrong type or an unknown name, or a host is
 * neither a name nor an IP address.
 *
 * @example Certificate for two hosts
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
  return makeSelfSigned(
    ownOptions(options, {
      hosts: true,
      keyType: true,
      notBefore: true,
      notAfter: true,
      openssl: true,
    }, { of: "createTestCertificate" }),
  );
}
