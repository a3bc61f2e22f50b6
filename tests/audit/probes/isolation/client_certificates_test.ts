import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Libssl, SSL } from "../../../../src/libssl/mod.ts";
import { SURVEY_RESUMPTIONS } from "../../../../src/audit/survey.ts";
import { assertVerdict, findingsOf, verdictsOf } from "../../findings_of.ts";
import { helloFront } from "../../wrong/hello_front.ts";
import {
  LibsslServer,
  type LibsslServerOptions,
  PKI,
} from "../../wrong/libssl_server.ts";

const SECOND = PKI.issue({ usage: "client", commonName: "second" });
const FIRST = { cert: PKI.client.cert, key: PKI.client.key };
const BOTH = { ...FIRST, otherCert: SECOND.cert, otherKey: SECOND.key };
const REQUEST = { trust: [PKI.ca.cert], clientAuth: "request" } as const;

const ALL_PASS = {
  "tls1.2-id": "pass",
  "tls1.2-ticket": "pass",
  "tls1.3": "pass",
};

/** The time that a server tells, which changes with each third request. */
let requests = 0;

/** What a server answers, with headers that don't depend on the client. */
function page(who: string, status = "200 OK"): Uint8Array {
  const time = Math.floor(requests++ / 3);
  return new TextEncoder().encode(
    `HTTP/1.1 ${status}\r\nDate: ${time}\r\nX-Request: ${requests}\r\n\r\n${who}`,
  );
}

function subjectOf(libssl: Libssl, ssl: SSL): string {
  const peer = libssl.SSL_get0_peer_certificate(ssl);
  return peer === null ? "nobody" : libssl.X509_get_subject_name(peer);
}

/** A server that says whom it takes the client for. */
function greeter(
  takeFor: (libssl: Libssl, ssl: SSL) => string,
): LibsslServerOptions {
  return {
    ...REQUEST,
    answer: (_data, libssl, ssl) => page(takeFor(libssl, ssl)),
  };
}

for (
  const { id, other, verdict } of [
    {
      id: "isolation/other-certificate",
      other: "CN=second",
      verdict: "fail" as const,
    },
    {
      id: "isolation/no-certificate",
      other: "nobody",
      verdict: "warn" as const,
    },
  ]
) {
  describe(id, () => {
    it("passes where the client is the session's", async () => {
      using server = new LibsslServer(greeter(subjectOf));
      assertEquals(await verdictsOf(server, id, BOTH), ALL_PASS);
    });

    it("doesn't where it is taken for the other", async () => {
      using server = new LibsslServer(
        greeter((libssl, ssl) =>
          libssl.SSL_session_reused(ssl) ? other : subjectOf(libssl, ssl)
        ),
      );
      await assertVerdict(server, id, verdict, BOTH);
    });

    it("needs a server that says so", async () => {
      using server = new LibsslServer({
        ...REQUEST,
        answer: () => page("you"),
      });
      const { summary } = await assertVerdict(
        server,
        id,
        "not applicable",
        BOTH,
      );
      assertMatch(summary, /doesn't depend on the client certificate/);
    });

    it("isn't misled by machines behind one address that sign their answers", async () => {
      let requests = 0;
      using server = new LibsslServer({
        ...REQUEST,
        // The session of a client at "a" is resumed at "b", which answers the other client.
        answer: () =>
          page("x".repeat(1 + Number("0100010010101011"[requests++ % 16]))),
      });
      for (const finding of await findingsOf(server, id, BOTH)) {
        const { verdict, summary } = finding;
        assertMatch(verdict, /not applicable|inconclusive/, summary);
      }
    });

    it("needs the certificates, and a server that asks for them", async () => {
      using asking = new LibsslServer(REQUEST);
      const none = await assertVerdict(asking, id, "not applicable");
      assertMatch(none.summary, /cert/);
      using server = new LibsslServer();
      await assertVerdict(server, id, "not applicable", BOTH);
    });
  });
}

describe("isolation/no-certificate", () => {
  it("passes where a certificate is required", async () => {
    using server = new LibsslServer({ trust: [PKI.ca.cert] });
    assertEquals(
      await verdictsOf(server, "isolation/no-certificate", FIRST),
      ALL_PASS,
    );
  });
});

/** A server that gives sessions before it refuses, and then lets in whom `isKnown` knows. */
function refusing(
  isKnown: (libssl: Libssl, ssl: SSL) => boolean,
): LibsslServer {
  return new LibsslServer({
    ...REQUEST,
    answer: (_data, libssl, ssl) =>
      isKnown(libssl, ssl) ? page("hello") : page("no", "403 Forbidden"),
  });
}
const hasCertificate = (libssl: Libssl, ssl: SSL): boolean =>
  libssl.SSL_get0_peer_certificate(ssl) !== null;

describe("isolation/refused-client", () => {
  const id = "isolation/refused-client";

  it("passes where the refused get no session", async () => {
    using server = new LibsslServer({ trust: [PKI.ca.cert] });
    await assertVerdict(server, id, "pass", FIRST);
  });

  it("passes where the session doesn't help them", async () => {
    using server = refusing(hasCertificate);
    const finding = await assertVerdict(server, id, "pass", FIRST);
    assertEquals(finding.facts, { given: true, resumed: true });
  });

  it("fails where it does", async () => {
    using server = refusing((libssl, ssl) =>
      libssl.SSL_session_reused(ssl) === 1 || hasCertificate(libssl, ssl)
    );
    const { severity } = await assertVerdict(server, id, "fail", FIRST);
    assertEquals(severity, "critical");
  });

  it("needs a server that requires a certificate", async () => {
    using server = new LibsslServer(REQUEST);
    await assertVerdict(server, id, "not applicable", FIRST);
  });
});

describe("Wrong servers", () => {
  it("aren't passed for a connection that is lost", async () => {
    using forgetful = new LibsslServer(
      greeter((libssl, ssl) =>
        libssl.SSL_session_reused(ssl) ? "CN=second" : subjectOf(libssl, ssl)
      ),
    );
    using lenient = refusing((libssl, ssl) =>
      libssl.SSL_session_reused(ssl) === 1 || hasCertificate(libssl, ssl)
    );
    for (
      const [server, id] of [
        [forgetful, "isolation/other-certificate"],
        [lenient, "isolation/refused-client"],
      ] as const
    ) {
      let proposals = 0;
      const front = helloFront(server, {
        hello: ({ proposes }) =>
          proposes && ++proposals === 3 * SURVEY_RESUMPTIONS + 1
            ? "close"
            : null,
      });
      const findings = await findingsOf(front, id, BOTH);
      const [{ summary = "" } = {}] = findings;
      assertEquals(
        findings.map(({ verdict }) => verdict),
        ["inconclusive", "fail", "fail"],
        summary,
      );
      assertMatch(summary, /A connection was lost/);
    }
  });
});
