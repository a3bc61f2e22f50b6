import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { SURVEY_RESUMPTIONS } from "../../../../src/audit/survey.ts";
import { assertVerdict } from "../../findings_of.ts";
import { helloFront } from "../../wrong/hello_front.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";

/** Hashes have these lengths, and so have binders. */
const [SHA256_BYTES, SHA384_BYTES] = [32, 48];

describe("proof/binder", () => {
  it("passes at OpenSSL's server, with both hashes", async () => {
    for (const suite of ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"]) {
      using server = new LibsslServer({
        setUp: (libssl, ctx) =>
          void libssl.SSL_CTX_set_ciphersuites(ctx, suite),
      });
      await assertVerdict(server, "proof/binder", "pass");
    }
  });

  it("fails at a server that takes any binder of the right length", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, {
      refused: ({ binders: [binder] }) =>
        binder?.length === SHA384_BYTES ? 0 : null,
    });
    const { summary } = await assertVerdict(front, "proof/binder", "fail");
    assertStringIncludes(summary, "first bit");
  });

  it("fails at a server that compares as much as the client sends", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, {
      refused: ({ binders: [binder] }) => binder?.length === 0 ? 0 : null,
    });
    const { summary } = await assertVerdict(front, "proof/binder", "fail");
    assertStringIncludes(summary, "empty binder");
  });

  it("is inconclusive, and over, at a server that is silent", async () => {
    using server = new LibsslServer();
    let proposals = 0;
    const front = helloFront(server, {
      hello: ({ identities }) =>
        identities.length > 0 && ++proposals > SURVEY_RESUMPTIONS
          ? "silence"
          : null,
    });
    const { summary, connections } = await assertVerdict(
      front,
      "proof/binder",
      "inconclusive",
      { timeout: 200 },
    );
    assertStringIncludes(summary, "The server was silent");
    assertEquals(connections, 2);
  });

  it("isn't applicable to a server that doesn't resume in TLS 1.3", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) => void libssl.SSL_CTX_set_num_tickets(ctx, 0),
    });
    await assertVerdict(server, "proof/binder", "not applicable");
  });
});

describe("proof/binder-hash", () => {
  it("passes at OpenSSL's server", async () => {
    using server = new LibsslServer();
    await assertVerdict(server, "proof/binder-hash", "pass");
  });

  it("fails at a server that takes the hash of the binder", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, {
      refused: ({ binders: [binder] }) =>
        binder?.length === SHA256_BYTES ? 0 : null,
    });
    await assertVerdict(front, "proof/binder-hash", "fail");
  });

  it("fails at a server that does so if it has no other cipher suite", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, {
      refused: ({ cipherSuites }) => cipherSuites.length === 1 ? 0 : null,
    });
    const { summary } = await assertVerdict(front, "proof/binder-hash", "fail");
    assertStringIncludes(summary, "of that hash alone");
  });
});

describe("proof/binder-identity", () => {
  it("passes at OpenSSL's server", async () => {
    using server = new LibsslServer();
    await assertVerdict(server, "proof/binder-identity", "pass");
  });

  it("fails at a server that takes binders of any of its sessions", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, { refused: () => 0 });
    await assertVerdict(front, "proof/binder-identity", "fail");
  });

  it("fails at a server that confuses the places of binders", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, {
      refused: ({ identities: [first, second] }) =>
        first?.identity.length !== second?.identity.length && second ? 1 : null,
    });
    const { summary } = await assertVerdict(
      front,
      "proof/binder-identity",
      "fail",
    );
    assertStringIncludes(summary, "place of an unknown one");
  });
});
