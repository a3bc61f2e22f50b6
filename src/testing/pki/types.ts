import type { CertificateAndKey as TestCertificate } from "../../pki/certificate.ts";
import type { CertificateUsage as TestUsage } from "../../pki/extensions.ts";
import type { KeyType as TestKeyType } from "../../pki/keys.ts";
import type { Seed } from "../entropy.ts";

export type { TestUsage };

/** Options of {@linkcode createTestPki}. */
export interface TestPkiOptions {
  /** The seed of keys and serial numbers. By default a random one. */
  seed?: Seed | undefined;
  /**
   * The type of all keys. By default `"P-256"`. An RSA key takes up to a second, and a server
   * with its chain needs three: `issue({ keyType })` makes only the server's key of that type.
   */
  keyType?: TestKeyType | undefined;
  /** The host names and IP addresses of servers. By default `["localhost"]`. */
  hosts?: readonly string[] | undefined;
  /** Returns the time, in milliseconds since the epoch. By default `Date.now`. */
  now?: (() => number) | undefined;
}

/** Options of {@linkcode TestPki.issue}. */
export interface TestIssueOptions {
  /**
   * The host names and IP addresses. By default those of the PKI for a server, and none for
   * a client or an authority.
   */
  hosts?: readonly string[] | undefined;
  /** The common name, which is the last field of the subject. By default the first host. */
  commonName?: string | undefined;
  /** Other fields of the subject, such as `{ O: "Example", OU: "Tests" }`. */
  subject?: Readonly<Record<string, string>> | undefined;
  /**
   * The certificate and key that sign, or `"self"`. By default the intermediate; for an
   * authority the root.
   */
  issuer?: TestCertificate | "self" | undefined;
  /** The start of its validity. By default a day ago. */
  notBefore?: Date | undefined;
  /** The end of its validity. By default in 90 days. */
  notAfter?: Date | undefined;
  /** The extended key usage. By default `"server"`. Ignored if `isCa`. */
  usage?: TestUsage | undefined;
  /** Whether it is a certification authority. By default false. */
  isCa?: boolean | undefined;
  /**
   * The path length constraint of an authority: how many intermediates may follow it. By
   * default there is none.
   */
  pathLength?: number | undefined;
  /** The type of its key. By default the PKI's. */
  keyType?: TestKeyType | undefined;
}

/**
 * Certificates for tests. Each is made when it is first read; which others were read before
 * makes no difference to its bytes. Servers and clients carry their chain, the intermediate.
 * Their peers trust {@linkcode TestPki.ca}.
 */
export interface TestPki {
  /** The seed as text: the same seed and time make the same bytes. */
  readonly seed: string;
  /** The root, for the `caCerts` of peers. */
  readonly ca: TestCertificate;
  /** The intermediate, signed by the root. It signs all others unless they say otherwise. */
  readonly intermediate: TestCertificate;
  /** A valid server. */
  readonly server: TestCertificate;
  /** A valid client with the subject `O=Test, CN=client`. */
  readonly client: TestCertificate;
  /** A server whose certificate expired a day ago. */
  readonly expired: TestCertificate;
  /** A server whose certificate becomes valid in a day. */
  readonly notYetValid: TestCertificate;
  /** A server for the host `wrong-host.invalid`. */
  readonly wrongHost: TestCertificate;
  /** A server with the extended key usage of a client. */
  readonly wrongUsage: TestCertificate;
  /** A server signed by {@linkcode TestPki.otherCa}. */
  readonly untrusted: TestCertificate;
  /** A root that no peer trusts. */
  readonly otherCa: TestCertificate;
  /** A server with a self-signed certificate. */
  readonly selfSigned: TestCertificate;
  /** A server whose issuer is not a certification authority. */
  readonly notCa: TestCertificate;
  /**
   * A server whose certificate points to a CRL and an OCSP responder, both at hosts that
   * don't exist (`*.invalid`). A peer that requires a CRL refuses it (OpenSSL's
   * `X509_V_FLAG_CRL_CHECK`: "unable to get certificate CRL"). A peer that doesn't check
   * revocation, the default of OpenSSL and of Sesame, accepts it.
   */
  readonly unknownRevocation: TestCertificate;
  /**
   * Makes another certificate. Each call uses a new key, which depends on the seed and the
   * number of earlier calls. The chain is that of the issuer without the root.
   *
   * @throws {TypeError} If an option has the wrong type or an unknown name.
   * @throws {RangeError} If `pathLength` is not a whole number of at least 0.
   * @throws {TlsError} `certificate`, if OpenSSL can't make it or can't read the issuer.
   */
  issue(options?: TestIssueOptions): TestCertificate;
}
