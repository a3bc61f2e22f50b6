/** Which names of a certificate count (RFC 9525). */
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  OpenSSL,
  TlsContext,
  type TlsContextOptions,
  TlsEngine,
} from "@sesame/tls";
import {
  createTestCertificate,
  createTlsPair,
  createTlsSandbox,
  type TestCertificate,
} from "@sesame/tls/testing";
import { makeCertificate } from "../../../src/pki/certificate.ts";
import { NID } from "../../../src/pki/extensions.ts";
import { pki } from "../../support/credentials.ts";
import { connected } from "../../support/engines.ts";

const caCerts = [pki.ca.cert];
const DAY_MS = 86_400_000;
const NID_NAME_CONSTRAINTS = 666;
const HINT = "hostname mismatch: x.a.test is only the common name of its " +
  "subject, which options.allowCommonName accepts (RFC 9525)";

/** What a client makes of a server: "open", or why not. */
function verdict(
  server: TestCertificate,
  hostname: string,
  client: TlsContextOptions = {},
): string {
  using context = new TlsContext({ caCerts, ...client });
  try {
    using ends = connected(new TlsContext(server), context, { hostname });
    return ends.client.state;
  } catch (error) {
    return String(error).replace(
      /^TlsError: |: certificate verify failed$/g,
      "",
    );
  }
}

describe("The name of a server", () => {
  const byCommonName = pki.issue({ hosts: [], commonName: "x.a.test" });
  const mismatch = (host: string, names: string): string =>
    "Cannot trust the peer's certificate: hostname mismatch: " +
    `expected ${host}, but it ${names}`;
  const nameless = "has no subject alternative names";

  it("is none of its common name's, and the error says that it was", () => {
    assertEquals(
      verdict(byCommonName, "x.a.test"),
      `Cannot trust the peer's certificate: ${HINT}`,
    );
    assertEquals(
      verdict(byCommonName, "y.a.test"),
      mismatch("y.a.test", nameless),
    );
  });

  it("is its common name's with allowCommonName, if it has no other", () => {
    const allowing = { allowCommonName: true };
    assertEquals(verdict(byCommonName, "x.a.test", allowing), "open");
    assertEquals(
      verdict(byCommonName, "y.a.test", allowing),
      mismatch("y.a.test", nameless),
    );
    const both = pki.issue({ hosts: ["b.test"], commonName: "x.a.test" });
    assertEquals(
      verdict(both, "x.a.test", allowing),
      mismatch("x.a.test", "is for DNS:b.test"),
    );
    assertThrows(
      () => new TlsContext({ allowCommonName: 1 as never }),
      TypeError,
      "options.allowCommonName must be a boolean, received 1",
    );
  });

  it("matches no wildcard for part of a label", () => {
    const wild = pki.issue({ hosts: ["f*.a.test", "*.b.test"] });
    const names = "is for DNS:f*.a.test, DNS:*.b.test";
    assertEquals(verdict(wild, "foo.a.test"), mismatch("foo.a.test", names));
    assertEquals(
      verdict(wild, "foo.a.test", { allowCommonName: true }),
      mismatch("foo.a.test", names),
    );
    assertEquals(verdict(wild, "foo.b.test"), "open");
    assertEquals(
      verdict(wild, "a.foo.b.test"),
      mismatch("a.foo.b.test", names),
    );
  });

  it("isn't lent by an authority that is constrained to others", () => {
    const now = Date.now();
    const { libssl } = new OpenSSL();
    const times = {
      notBefore: new Date(now - DAY_MS),
      notAfter: new Date(now + DAY_MS),
    };
    const constrained = makeCertificate(libssl, {
      keyType: "P-256",
      serial: 1n,
      subject: [["CN", "Constrained CA"]],
      ...times,
      extensions: [
        [NID.basicConstraints, "critical,CA:TRUE"],
        [NID_NAME_CONSTRAINTS, "critical,permitted;DNS:b.test"],
      ],
    }, pki.ca);
    const leaf = makeCertificate(libssl, {
      keyType: "P-256",
      serial: 2n,
      subject: [["CN", "*.a.test"]],
      ...times,
      extensions: [],
    }, constrained);
    const server = { ...leaf, cert: leaf.cert + constrained.cert };
    assertEquals(
      verdict(server, "x.a.test"),
      `Cannot trust the peer's certificate: ${HINT}`,
    );
  });

  it("is looked at alike in the testing kit", async () => {
    using pair = createTlsPair({
      sandbox: createTlsSandbox({ start: Date.now() }),
      server: byCommonName,
      client: { hostname: "x.a.test", caCerts },
    });
    await pair.handshake();
    assertStringIncludes(pair.client.error?.message ?? "", HINT);
  });

  it("is looked at alike in a session that is proposed", () => {
    using lax = new TlsContext({
      caCerts,
      allowCommonName: true,
      maxVersion: "TLSv1.2",
    });
    using ends = connected(new TlsContext(byCommonName), lax, {
      hostname: "x.a.test",
    });
    const [session] = ends.client.takeSessions();
    if (!session) throw new Error("there is no session");
    using strict = new TlsContext({ caCerts });
    const propose = (context: TlsContext): void =>
      new TlsEngine(context, { role: "client", hostname: "x.a.test", session })
        [Symbol.dispose]();
    propose(lax);
    assertThrows(
      () => propose(strict),
      TypeError,
      "options.session was negotiated with another server than x.a.test",
    );
  });
});

describe("What is said of another server's names", () => {
  it("is as long as a line or two, however many they are", () => {
    const hosts = Array.from({ length: 100 }, (_, i) => `host-${i}.test`);
    const many = createTestCertificate({ hosts });
    const message = verdict(many, "x.test", { caCerts: [many.cert] });
    assertStringIncludes(message, "expected x.test, but it is for DNS:host-0");
    assertStringIncludes(message, "...");
    assert(message.length < 320, message);
  });
});
