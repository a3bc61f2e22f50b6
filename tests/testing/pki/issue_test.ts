/** The certificates of a PKI that a test asks for itself. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsError } from "../../../src/internal/tls_error.ts";
import { OpenSSL } from "../../../src/libssl/openssl.ts";
import type { X509 } from "../../../src/libssl/handles.ts";
import type { TestCertificate } from "../../../src/testing/certificate.ts";
import { VirtualClock } from "../../../src/testing/clock.ts";
import { createTestPki, type TestPki } from "../../../src/testing/pki.ts";
import { TlsContext } from "../../../src/tls/context/context.ts";
import {
  withCertificates,
  withPrivateKey,
} from "../../../src/tls/context/pem.ts";
import { connected } from "../../support/engines.ts";

const DAY = 86_400_000;
const START = Date.UTC(2031, 1, 2, 3, 4, 5);
const { libssl } = new OpenSSL();

describe("TestPki.issue", () => {
  it("makes a server for the PKI's hosts unless told", () => {
    const pki = pkiOf({ hosts: ["a.test", "10.0.0.1"] });
    const [leaf, ...chain] = names(pki.issue());
    assertEquals(leaf, ["CN=a.test", "CN=Test Intermediate CA"]);
    assertEquals(chain, [["CN=Test Intermediate CA", "CN=Test Root CA"]]);
    assertEquals(hosts(pki.issue(), "a.test", "10.0.0.1", "b.test"), [
      "a.test",
      "10.0.0.1",
    ]);
    const other = pki.issue({ hosts: ["b.test"] });
    assertEquals(hosts(other, "a.test", "10.0.0.1", "b.test"), ["b.test"]);
  });

  it("gives each another key, the same in each run", () => {
    const [one, again] = [pkiOf(), pkiOf()];
    const first = one.issue();
    assertNotEquals(first.key, one.issue().key);
    assertEquals(first, again.issue());
  });

  it("names clients", () => {
    const subject = { C: "DE", O: "Example, Inc.", OU: "Tests" };
    const client = pkiOf().issue({
      usage: "client",
      commonName: "Zoë",
      subject,
    });
    assertEquals(
      names(client)[0]?.[0],
      "CN=Zo\\C3\\AB,OU=Tests,O=Example\\, Inc.,C=DE",
    );
    assertEquals(
      names(pkiOf().issue({ usage: "client" }))[0]?.[0],
      "CN=client",
    );
  });

  it("is valid around the clock's time, or when told", () => {
    const clock = new VirtualClock(START);
    const pki = createTestPki({ seed: 1, now: clock.now });
    clock.advance(100 * DAY);
    const now = clock.now();
    assertEquals(validity(pki.issue()), [now - DAY, now + 90 * DAY]);
    assertEquals(validity(pki.server), [START - DAY, START + 90 * DAY]);
    const [notBefore, notAfter] = [new Date(START), new Date(START + 1000)];
    assertEquals(validity(pki.issue({ notBefore, notAfter })), [
      START,
      START + 1000,
    ]);
  });

  it("makes authorities, which sign what they are given to", () => {
    const pki = pkiOf();
    const one = pki.issue({ isCa: true, commonName: "One" });
    const two = pki.issue({ isCa: true, commonName: "Two", issuer: one });
    const leaf = pki.issue({ issuer: two });
    assertEquals(names(leaf).map(([subject]) => subject), [
      "CN=localhost",
      "CN=Two",
      "CN=One",
    ]);
    assertTrusted(leaf, pki.ca);
    // As plain objects, and of another PKI, too.
    const root = createTestPki({ seed: 2, now: () => START }).ca;
    assertTrusted(pki.issue({ issuer: { ...root } }), root);
    assertTrusted(pki.issue({ issuer: "self" }));
  });

  it("limits how many authorities may follow", () => {
    const pki = pkiOf();
    const inner = pki.issue({ isCa: true, issuer: pki.intermediate });
    const leaf = pki.issue({ issuer: inner });
    assertThrows(
      () => assertTrusted(leaf, pki.ca),
      TlsError,
      "path length constraint exceeded",
    );
    const wider = pki.issue({ isCa: true, pathLength: 1, commonName: "1" });
    const one = pki.issue({ isCa: true, issuer: wider, commonName: "0" });
    assertTrusted(pki.issue({ issuer: one }), pki.ca);
  });

  it("makes keys of other sorts, which the issuer's needn't be", () => {
    const pki = pkiOf();
    for (
      const [keyType, name] of [
        ["P-256", "EC"],
        ["Ed25519", "ED25519"],
        ["RSA-2048", "RSA"],
      ] as const
    ) {
      const made = pki.issue({ keyType });
      const type = withPrivateKey(
        libssl,
        made.key,
        ["key"],
        (key) => libssl.EVP_PKEY_get0_type_name(key),
      );
      assertEquals(type, name);
      assertTrusted(made, pki.ca);
    }
  });

  it("takes no option that isn't one", () => {
    const pki = pkiOf();
    const issue = (options: object) => () => pki.issue(options);
    assertThrows(
      issue({ host: "a" }),
      TypeError,
      "options.host is not an option",
    );
    assertThrows(issue({ hosts: "a" }), TypeError, "options.hosts must be");
    assertThrows(issue({ usage: "mail" }), TypeError, "options.usage must be");
    assertThrows(issue({ keyType: "DSA" }), TypeError, "options.keyType must");
    for (const pathLength of [-1, 0.5, NaN]) {
      assertThrows(
        issue({ isCa: true, pathLength }),
        RangeError,
        "options.pathLength must be",
      );
    }
    assertThrows(
      issue({ issuer: { cert: "", key: "" } }),
      TlsError,
      "Cannot read options.issuer.cert",
    );
    assertThrows(
      issue({ issuer: { cert: pki.ca.cert, key: "" } }),
      TlsError,
      "Cannot read options.issuer.key",
    );
    assertThrows(
      issue({ commonName: "x".repeat(65) }),
      TlsError,
      "can't set the subject's CN to xxx",
    );
    // What failed doesn't count.
    assertEquals(pki.issue(), pkiOf().issue());
  });
});

function pkiOf(options: { hosts?: string[] } = {}): TestPki {
  return createTestPki({ seed: 1, now: () => START, ...options });
}

/** Fails, as a client does, unless it trusts a server by an authority, or by itself. */
function assertTrusted(
  { cert, key }: TestCertificate,
  ca: TestCertificate = { cert, key },
): void {
  const openssl = new OpenSSL({ clock: () => START });
  using server = new TlsContext({ openssl, cert, key });
  using client = new TlsContext({ openssl, caCerts: [ca.cert] });
  using ends = connected(server, client);
  assert(ends.client.state === "open");
}

/** The subject and issuer of a certificate and of each in its chain. */
function names({ cert }: TestCertificate): [string, string][] {
  return withCertificates(
    libssl,
    cert,
    ["cert"],
    (chain) =>
      chain.map((x) => [
        libssl.X509_get_subject_name(x),
        libssl.X509_get_issuer_name(x),
      ]),
  );
}

function hosts({ cert }: TestCertificate, ...candidates: string[]): string[] {
  const isFor = (x: X509, host: string): boolean =>
    libssl.X509_check_host(x, host) === 1 ||
    libssl.X509_check_ip_asc(x, host) === 1;
  return withCertificates(
    libssl,
    cert,
    ["cert"],
    ([x]) => candidates.filter((host) => isFor(x, host)),
  );
}

function validity({ cert }: TestCertificate): [number, number] {
  return withCertificates(
    libssl,
    cert,
    ["cert"],
    ([x]) => [
      libssl.X509_get0_notBefore(x).getTime(),
      libssl.X509_get0_notAfter(x).getTime(),
    ],
  );
}
