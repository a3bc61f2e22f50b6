import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { TlsContext } from "@sesame/tls";
import {
  SSL_OP_ALLOW_CLIENT_RENEGOTIATION,
  SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION,
} from "../../../../src/libssl/mod.ts";
import { made } from "../../../support/pair.ts";
import { assertVerdict, findingsOf } from "../../findings_of.ts";
import { helloFront } from "../../wrong/hello_front.ts";
import {
  LibsslServer,
  type LibsslServerOptions,
  PKI,
} from "../../wrong/libssl_server.ts";

const DECODE_ERROR = { alert: 50 } as const;
const RESERVED = 0x0a0a;

describe("robustness/split-hello, large-hello, post-quantum and unknown-values", () => {
  it("pass at OpenSSL's server, in all kinds", async () => {
    using server = new LibsslServer();
    for (
      const name of [
        "split-hello",
        "large-hello",
        "post-quantum",
        "unknown-values",
      ]
    ) await assertVerdict(server, `robustness/${name}`, "pass");
  });

  it("warn of a server that reads hellos by one read alone", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, { readsOnce: true });
    const { summary } = await assertVerdict(
      front,
      "robustness/split-hello",
      "warn",
    );
    assertStringIncludes(summary, "a closed connection");
    await assertVerdict(front, "robustness/post-quantum", "warn");
  });

  it("warn of a server that has little room for a hello", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, {
      hello: ({ length }) => length > 8192 ? DECODE_ERROR : null,
    });
    const { facts } = await assertVerdict(
      front,
      "robustness/large-hello",
      "warn",
    );
    assertEquals((facts.outcomes as string[]).length, 4);
  });

  it("warn of a server that doesn't pass over what it doesn't know", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, {
      hello: ({ extension }) => extension(RESERVED) ? DECODE_ERROR : null,
    });
    await assertVerdict(front, "robustness/unknown-values", "warn");
  });
});

describe("robustness/many-identities", () => {
  it("passes at OpenSSL's server, which looks them all up", async () => {
    using server = new LibsslServer();
    const { facts } = await assertVerdict(
      server,
      "robustness/many-identities",
      "pass",
    );
    assertEquals(facts.foundAfter, 64);
  });

  it("passes at a context with a store, which looks up a few", async () => {
    using context = new TlsContext({
      ...PKI.server,
      sessions: new MemorySessionStore(),
    });
    const { facts } = await assertVerdict(
      context,
      "robustness/many-identities",
      "pass",
    );
    assertEquals(facts.foundAfter, 1);
  });

  it("fails at a server that selects another identity than it resumes", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, {
      hello: ({ identities }) => identities.length > 2 ? 0 : null,
    });
    await assertVerdict(front, "robustness/many-identities", "fail");
  });

  it("warns of a server that ends the handshake", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, {
      hello: ({ identities }) => identities.length > 8 ? DECODE_ERROR : null,
    });
    const { summary } = await assertVerdict(
      front,
      "robustness/many-identities",
      "warn",
    );
    assertStringIncludes(summary, "after 8 unknown identities");
  });
});

describe("robustness/renegotiation", () => {
  it("passes at a server that doesn't renegotiate", async () => {
    using server = new LibsslServer();
    const { facts } = await assertVerdict(
      server,
      "robustness/renegotiation",
      "pass",
    );
    assertEquals(facts.outcome, "refused");
  });

  it("passes at a server that renegotiates by full handshakes", async () => {
    using server = renegotiating(SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION);
    const { facts } = await assertVerdict(
      server,
      "robustness/renegotiation",
      "pass",
    );
    assertEquals(facts.outcome, "full handshake");
  });

  it("warns of a server that resumes another's session", async () => {
    using server = renegotiating(0n);
    await assertVerdict(server, "robustness/renegotiation", "warn");
  });

  it("isn't passed for a connection that is lost", async () => {
    using server = renegotiating(0n);
    let hasAsked = false;
    for (let lost = 0; lost < 4; lost++) {
      let n = 0;
      const front = helloFront(server, {
        hello: () => hasAsked && n++ === lost ? "close" : null,
      });
      hasAsked = false;
      const [finding] = await findingsOf(front, "robustness/renegotiation", {
        onProgress: ({ kind }) => hasAsked ||= kind === "tls1.2-id",
      });
      const { verdict, summary } = made(finding ?? null);
      assertMatch(verdict, /inconclusive|not applicable/, summary);
    }
  });
});

describe("robustness/renegotiation-other-client", () => {
  const [client, other] = [
    PKI.client,
    PKI.issue({ commonName: "other client", usage: "client" }),
  ];
  const options = {
    cert: String(client.cert),
    key: String(client.key),
    otherCert: String(other.cert),
    otherKey: String(other.key),
  };

  it("fails at a server that resumes another client's session", async () => {
    using server = renegotiating(0n, { trust: [PKI.ca.cert] });
    const { evidence } = await assertVerdict(
      server,
      "robustness/renegotiation-other-client",
      "fail",
      options,
    );
    assertEquals(
      evidence.map(({ title }) => title.includes("second client certificate")),
      [true, false, true, false],
    );
  });

  it("passes at one that doesn't, and needs two certificates", async () => {
    using server = renegotiating(
      SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION,
      { trust: [PKI.ca.cert], clientAuth: "request" },
    );
    const probe = "robustness/renegotiation-other-client";
    await assertVerdict(server, probe, "pass", options);
    await assertVerdict(server, probe, "not applicable");
  });
});

/** A server of OpenSSL's that lets clients renegotiate. */
function renegotiating(
  options: bigint,
  others: LibsslServerOptions = {},
): LibsslServer {
  return new LibsslServer({
    ...others,
    setUp: (libssl, ctx) =>
      void libssl.SSL_CTX_set_options(
        ctx,
        SSL_OP_ALLOW_CLIENT_RENEGOTIATION | options,
      ),
  });
}
