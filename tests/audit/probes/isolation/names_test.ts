import type { TlsContextOptions, TlsTransport } from "@sesame/tls";
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertVerdict, findingsOf, verdictsOf } from "../../findings_of.ts";
import { separateHosts, sharingHosts } from "../../wrong/hosts.ts";
import { LibsslServer, PKI } from "../../wrong/libssl_server.ts";
import {
  clock,
  ofResumedKinds,
  rightServer,
  rightServers,
} from "./right_servers.ts";

const A = PKI.issue({ hosts: ["a.example"] });
const B = PKI.issue({ hosts: ["b.example"] });
const CA = [PKI.ca.cert];
const OTHER_CA = [PKI.otherCa.cert];
const names = ["a.example", "b.example"];
const CLIENT = { cert: PKI.client.cert, key: PKI.client.key };

describe("isolation/other-name", () => {
  const probe = "isolation/other-name";

  it("passes where hosts have sessions of their own", async () => {
    for (const [server, passes] of rightServers(hosts({ a: A, b: B }))) {
      const verdicts = await verdictsOf(server, probe, { names, clock });
      assertEquals(ofResumedKinds(verdicts), passes);
    }
  });

  it("fails where hosts share them; TLS 1.3 allows it", async () => {
    using server = sharingHosts({
      "a.example": { certificate: A },
      "b.example": { certificate: B },
    });
    assertEquals(await verdictsOf(server, probe, { names }), {
      "tls1.2-id": "fail",
      "tls1.2-ticket": "fail",
      "tls1.3": "warn",
    });
  });

  it("is milder where they share the certificate", async () => {
    using server = new LibsslServer();
    assertEquals(await verdictsOf(server, probe, { names }), {
      "tls1.2-id": "warn",
      "tls1.2-ticket": "warn",
      "tls1.3": "pass",
    });
  });

  it("says which option gives another name", async () => {
    using server = new LibsslServer();
    const { summary } = await assertVerdict(server, probe, "not applicable");
    assertMatch(summary, /name/);
  });

  it("isn't passed by a host that resumes nothing", async () => {
    const b = rightServer({ ...B, tickets: "off" });
    const server = rightServer({
      ...A,
      contextFor: (name) => name === "b.example" ? b : undefined,
    });
    const finding = await assertVerdict(server, probe, "not applicable", {
      names,
      clock,
      kind: "tls1.3",
    });
    assertMatch(finding.summary, /b\.example resumes no session/);
  });
});

for (
  const { id, title, hostB, certificate } of [{
    id: "isolation/name-requires-certificate",
    title: "a session without a certificate",
    hostB: { certificate: B, trust: CA },
    certificate: {},
  }, {
    id: "isolation/name-refuses-certificate",
    title: "CVE-2025-23419: a session with a certificate of another CA",
    hostB: { certificate: B, trust: OTHER_CA },
    certificate: CLIENT,
  }]
) {
  describe(id, () => {
    const options = { names, ...certificate };
    const trustA = certificate === CLIENT ? { trust: CA } : {};

    it(`fails where ${title} opens another host`, async () => {
      using server = sharingHosts({
        "a.example": { certificate: A, ...trustA },
        "b.example": hostB,
      });
      const finding = await assertVerdict(server, id, "fail", options);
      assertEquals(finding.severity, "critical");
      assertEquals(finding.facts.to, "b.example");
    });

    it("fails the other way round, too", async () => {
      using server = sharingHosts({
        "a.example": hostB,
        "b.example": { certificate: A, ...trustA },
      });
      const reversed = { ...options, names: names.toReversed() };
      await assertVerdict(server, id, "fail", reversed);
    });

    it("passes where it doesn't", async () => {
      const all = hosts({
        a: {
          ...A,
          ...(certificate === CLIENT &&
            { clientAuth: "require", caCerts: CA }),
        },
        b: { ...B, clientAuth: "require", caCerts: hostB.trust },
      });
      for (const [server, passes] of rightServers(all)) {
        const verdicts = await verdictsOf(server, id, { ...options, clock });
        assertEquals(ofResumedKinds(verdicts), passes);
      }
    });

    it("needs hosts that differ", async () => {
      using server = new LibsslServer();
      await assertVerdict(server, id, "not applicable", options);
    });
  });
}

describe("isolation/name-refuses-certificate", () => {
  it("takes an HTTP status for a refusal", async () => {
    const encoder = new TextEncoder();
    using server = sharingHosts({
      "a.example": { certificate: A, trust: CA },
      "b.example": { certificate: B, trust: CA },
    }, {
      // As nginx: the certificate is judged by the host, unless a session has been.
      answer(_data, libssl, ssl): Uint8Array {
        const isRefused = libssl.SSL_get_servername(ssl) === "b.example" &&
          libssl.SSL_session_reused(ssl) === 0;
        return encoder.encode(
          `HTTP/1.1 ${isRefused ? "400 Bad Request" : "200 OK"}\r\n\r\n`,
        );
      },
    });
    await assertVerdict(server, "isolation/name-refuses-certificate", "fail", {
      names,
      ...CLIENT,
      kind: "tls1.3",
    });
  });
});

describe("isolation/name-requires-certificate", () => {
  it("can't tell where a host turns every other client away", async () => {
    let requests = 0;
    using server = separateHosts({ "b.example": { certificate: B } }, {
      answer(_data, libssl, ssl): Uint8Array {
        const isRefused = libssl.SSL_get_servername(ssl) === "b.example" &&
          requests++ % 2 === 0;
        const status = isRefused ? "403 Forbidden" : "200 OK";
        return new TextEncoder().encode(`HTTP/1.1 ${status}\r\n\r\n`);
      },
    });
    const id = "isolation/name-requires-certificate";
    const options = { names };
    const { summary } = await assertVerdict(
      server,
      id,
      "inconclusive",
      options,
    );
    assertMatch(summary, /at one time, and lets it in at another/);
  });
});

for (const id of ["isolation/no-name", "isolation/trailing-dot"]) {
  describe(id, () => {
    it("passes where the default host has sessions of its own", async () => {
      for (const [server, passes] of rightServers(hosts({ a: A }))) {
        const verdicts = await verdictsOf(server, id, { names, clock });
        assertEquals(ofResumedKinds(verdicts), passes);
      }
    });

    it("fails where it shares them", async () => {
      using server = sharingHosts({ "a.example": { certificate: A } });
      assertEquals(await verdictsOf(server, id, { names }), {
        "tls1.2-id": "fail",
        "tls1.2-ticket": "fail",
        "tls1.3": "warn",
      });
    });

    it("fails where its sessions stand in for a certificate", async () => {
      using server = sharingHosts({ "a.example": { trust: CA } });
      const finding = await assertVerdict(server, id, "fail", {
        names,
        ...CLIENT,
      });
      assertEquals(finding.severity, "critical");
    });

    it("needs a server that tells names apart", async () => {
      using server = new LibsslServer();
      await assertVerdict(server, id, "not applicable", { names });
      const address = { names: ["192.0.2.1"] };
      await assertVerdict(server, id, "not applicable", address);
    });
  });
}

describe("isolation/no-name", () => {
  it("takes no refusal of a client that wasn't asked for one of who it is", async () => {
    // As nginx: the host is that of the request, and wants a certificate, from the session or not.
    using server = sharingHosts(
      { "a.example": { certificate: A, trust: CA } },
      {
        answer(_data, libssl, ssl): Uint8Array {
          const session = libssl.SSL_get_session(ssl);
          const peer = session && libssl.SSL_SESSION_get0_peer(session);
          return new TextEncoder().encode(
            `HTTP/1.1 ${peer ? "200 OK" : "400 Bad Request"}\r\n\r\n`,
          );
        },
      },
    );
    const options = { names, ...CLIENT };
    const findings = await findingsOf(server, "isolation/no-name", options);
    assertEquals(
      findings.map(({ verdict, severity }) => `${verdict}, ${severity}`),
      ["fail, medium", "fail, medium", "warn, low"],
    );
  });
});

describe("isolation/name-case", () => {
  const id = "isolation/name-case";

  it("passes where names are compared regardless of case", async () => {
    const strict = { ...A, clientAuth: "require", caCerts: CA } as const;
    const server = rightServer(hosts({ a: strict }));
    await assertVerdict(server, id, "pass", { names, clock, ...CLIENT });
  });

  it("CVE-2026-48928: fails where capitals avoid the certificate", async () => {
    using server = sharingHosts({ "a.example": { certificate: A, trust: CA } });
    const [finding] = await findingsOf(server, id, { names, ...CLIENT });
    assertEquals([finding?.verdict, finding?.severity], ["fail", "high"]);
  });

  it("passes where each machine of one name shows its own certificate", async () => {
    using one = new LibsslServer({ certificate: A });
    using two = new LibsslServer({ certificate: B });
    let n = 0;
    const connect = (): TlsTransport =>
      (++n <= 16 || n % 3 ? one : two).connect();
    const [finding] = await findingsOf(connect, id, { names });
    assertEquals(finding?.verdict, "pass", finding?.summary);
  });

  it("warns of capitals that lead to another host", async () => {
    using server = sharingHosts({ "a.example": { certificate: A } });
    const { severity } = await assertVerdict(server, id, "warn", { names });
    assertEquals(severity, "low");
  });
});

/** Options of a server with hosts a.example and b.example. */
function hosts(
  { a, b }: { a?: TlsContextOptions; b?: TlsContextOptions },
): TlsContextOptions {
  const contexts = new Map([
    ["a.example", a && rightServer(a)],
    ["b.example", b && rightServer(b)],
  ]);
  return { contextFor: (name) => contexts.get(name ?? "") };
}
