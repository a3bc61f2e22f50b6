import { ownOptions } from "../internal/own_options.ts";
import { checkFunction } from "../internal/option_checks.ts";
import type { TestCertificate, TestKeyType } from "../pki/certificate.ts";
import type { TestUsage } from "../pki/extensions.ts";
import { LazyPki } from "./pki/lazy.ts";
import type { Seed } from "./entropy.ts";

export type { TestUsage } from "../pki/extensions.ts";

/** Options of {@linkcode createTestPki}. */
export interface TestPkiOptions {
  /** What keys and serial numbers are made from. By default a random one. */
  seed?: Seed | undefined;
  /**
   * The sort of all keys. By default `"P-256"`. Each RSA key takes half a second to a second,
   * and a server has three, with its chain: for RSA servers alone there is
   * `issue({ keyType })`.
   */
  keyType?: TestKeyType | undefined;
  /** The host names and IP addresses that servers are for. By default `["localhost"]`. */
  hosts?: readonly string[] | undefined;
  /** The clock that says when certificates are valid, in ms. By default `Date.now`. */
  now?: (() => number) | undefined;
}

/** What a certificate of {@linkcode TestPki.issue} says. */
export interface TestIssueOptions {
  /** Its host names and IP addresses. By default the PKI's for a server, else none. */
  hosts?: readonly string[] | undefined;
  /** The common name, the last part of its subject. By default the first host. */
  commonName?: string | undefined;
  /** Further parts of its subject, such as `{ O: "Example", OU: "Tests" }`. */
  subject?: Readonly<Record<string, string>> | undefined;
  /** Who signs it, or `"self"`. By default the intermediate; for an authority the root. */
  issuer?: TestCertificate | "self" | undefined;
  /** When it becomes valid. By default a day ago. */
  notBefore?: Date | undefined;
  /** When it stops being valid. By default in 90 days. */
  notAfter?: Date | undefined;
  /** What it may be used as. By default `"server"`. */
  usage?: TestUsage | undefined;
  /** Whether it may issue certificates itself; `usage` doesn't count then. */
  isCa?: boolean | undefined;
  /** How many authorities may follow an authority. By default any number. */
  pathLength?: number | undefined;
  /** The sort of its key. By default the PKI's. */
  keyType?: TestKeyType | undefined;
}

/**
 * Certificates for tests. Each is made when it is first asked for, and is the same
 * whatever was asked for before. Servers and clients come with their chain, which is the
 * intermediate; trust {@linkcode TestPki.ca}.
 */
export interface TestPki {
  /** The seed as text: with it and the same time everything is made again, byte by byte. */
  readonly seed: string;
  /** The root, that peers trust by `caCerts: [pki.ca.cert]`. */
  readonly ca: TestCertificate;
  /** Signed by the root; it signs all that follow unless they say otherwise. */
  readonly intermediate: TestCertificate;
  /** A good server. */
  readonly server: TestCertificate;
  /** A good client, by the name `O=Test, CN=client`. */
  readonly client: TestCertificate;
  /** A server whose certificate ended a day ago. */
  readonly expired: TestCertificate;
  /** A server whose certificate begins tomorrow. */
  readonly notYetValid: TestCertificate;
  /** A server for `wrong-host.invalid` only. */
  readonly wrongHost: TestCertificate;
  /** A server of a client's certificate. */
  readonly wrongUsage: TestCertificate;
  /** A server that {@linkcode TestPki.otherCa} has signed. */
  readonly untrusted: TestCertificate;
  /** A root that nobody trusts. */
  readonly otherCa: TestCertificate;
  /** A server that has signed its certificate itself. */
  readonly selfSigned: TestCertificate;
  /** A server whose certificate another server has signed, which is no authority. */
  readonly notCa: TestCertificate;
  /**
   * A server whose certificate says where to ask whether it was revoked: places that don't
   * exist (`*.invalid`). There is no list of revoked certificates here. A peer that must
   * know refuses it (OpenSSL's `X509_V_FLAG_CRL_CHECK`: "unable to get certificate CRL"), and
   * one that doesn't ask, as is OpenSSL's default and Sesame's, takes it.
   */
  readonly revokedLooking: TestCertificate;
  /**
   * Makes another: each call a new key, from the seed and the number of calls before it.
   * Its chain is the issuer's, without a root. By default it is valid from a day before
   * the clock's time to 90 days after it.
   *
   * @throws {TypeError} If an option is not of its type, or has another name.
   * @throws {TlsError} `certificate`, if OpenSSL can't make it or read the issuer.
   */
  issue(options?: TestIssueOptions): TestCertificate;
}

/**
 * Makes a root, an intermediate, servers and clients, good ones and such as a peer must
 * refuse, from a seed: with the same seed at the same time the same bytes, in each process.
 * The keys are no secrets (see {@linkcode seededEntropy}): **for tests only**.
 *
 * Certificates are valid around the time of this call, for 90 days the servers and
 * clients, for years the authorities.
 *
 * @throws {TypeError} If an option is not of its type, or has another name.
 *
 * @example A client refuses what has expired
 * ```ts
 * import { TlsContext, TlsEngine, TlsError } from "@sesame/tls";
 * import { createTestPki } from "@sesame/tls/testing";
 * import { assertThrows } from "@std/assert";
 *
 * const pki = createTestPki({ seed: "expired" });
 * using server = new TlsEngine(new TlsContext(pki.expired), { role: "server" });
 * using client = new TlsEngine(new TlsContext({ caCerts: [pki.ca.cert] }), {
 *   role: "client",
 *   hostname: "localhost",
 * });
 * server.receive(client.send());
 * assertThrows(
 *   () => client.receive(server.send()),
 *   TlsError,
 *   "certificate has expired",
 * );
 * ```
 */
export function createTestPki(options: TestPkiOptions = {}): TestPki {
  const own = ownOptions(options, {
    seed: true,
    keyType: true,
    hosts: true,
    now: true,
  }, { of: "createTestPki" });
  checkFunction(own.now, "now");
  return new LazyPki(own);
}
