import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { SESSION_TICKET } from "../../../../src/audit/client/hello/codes.ts";
import { SURVEY_RESUMPTIONS } from "../../../../src/audit/survey.ts";
import { assertVerdict } from "../../findings_of.ts";
import { helloFront } from "../../wrong/hello_front.ts";
import type { SeenHello } from "../../wrong/seen_hello.ts";
import { keepSessions } from "../../wrong/kept_sessions.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import type { TlsTransport } from "@sesame/tls";

/** What the survey makes at OpenSSL's server. */
const SURVEY_CONNECTIONS = 16;
const HANDSHAKE_FAILURE = 40;
/** What the lengths of OpenSSL's tickets are multiples of. */
const BLOCK_BYTES = 16;

describe("proof/identity", () => {
  it("passes at OpenSSL's server, in all kinds", async () => {
    using server = new LibsslServer();
    await assertVerdict(server, "proof/identity", "pass");
  });

  it("fails at a server that finds ids by their first bytes", async () => {
    using server = findsByPrefix();
    const { summary } = await assertVerdict(server, "proof/identity", "fail", {
      kind: "tls1.2-id",
    });
    assertStringIncludes(summary, "last byte changed");
  });

  it("fails at a server that takes tickets without their seal's end", async () => {
    using server = new LibsslServer();
    for (const kind of ["tls1.2-ticket", "tls1.3"] as const) {
      const front = helloFront(server, {
        refused: (hello) =>
          lengthOf(hello) % BLOCK_BYTES === BLOCK_BYTES - 1 ? 0 : null,
      });
      const { summary } = await assertVerdict(front, "proof/identity", "fail", {
        kind,
      });
      assertStringIncludes(summary, "its last byte cut off");
    }
  });

  it("warns of a server that ignores what follows a ticket", async () => {
    using server = new LibsslServer();
    for (const kind of ["tls1.2-ticket", "tls1.3"] as const) {
      const front = helloFront(server, {
        refused: (hello) => lengthOf(hello) % BLOCK_BYTES === 1 ? 0 : null,
      });
      const finding = await assertVerdict(front, "proof/identity", "warn", {
        kind,
      });
      assertEquals(finding.severity, "low");
    }
  });
});

describe("proof/ticket-bytes", () => {
  it("passes at OpenSSL's server", async () => {
    using server = new LibsslServer();
    await assertVerdict(server, "proof/ticket-bytes", "pass");
  });

  it("fails at a server that resumes what it can't authenticate", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, { refused: () => 0 });
    await assertVerdict(front, "proof/ticket-bytes", "fail");
  });

  it("is inconclusive where plain resumptions fail, too", async () => {
    using server = new LibsslServer();
    using other = new LibsslServer({ seed: "other keys" });
    let count = 0;
    // After the survey each connection leads to the other of two servers.
    const connect = (): TlsTransport =>
      (++count > SURVEY_CONNECTIONS && count % 2 ? other : server).connect();
    await assertVerdict(
      { connect, clock: server.clock },
      "proof/ticket-bytes",
      "inconclusive",
    );
  });
});

describe("proof/unknown-session", () => {
  it("passes at OpenSSL's server, in all kinds", async () => {
    using server = new LibsslServer();
    await assertVerdict(server, "proof/unknown-session", "pass");
  });

  it("fails at a server that resumes what it doesn't know", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, { refused: () => 0 });
    await assertVerdict(front, "proof/unknown-session", "fail");
  });

  it("warns of a server that ends the handshake", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, {
      refused: () => ({ alert: HANDSHAKE_FAILURE }),
    });
    const { summary } = await assertVerdict(
      front,
      "proof/unknown-session",
      "warn",
      { kind: "tls1.3" },
    );
    assertStringIncludes(summary, "handshake_failure");
  });

  it("is inconclusive where plain resumptions end the handshake, too", async () => {
    using server = new LibsslServer();
    let proposals = 0;
    const front = helloFront(server, {
      hello: ({ identities }) =>
        identities.length > 0 && ++proposals > SURVEY_RESUMPTIONS
          ? { alert: HANDSHAKE_FAILURE }
          : null,
    });
    await assertVerdict(front, "proof/unknown-session", "inconclusive", {
      kind: "tls1.3",
    });
  });
});

/** The length of a hello's ticket or first identity. */
function lengthOf(
  { identities: [first], extension }: SeenHello,
): number {
  return (first?.identity ?? extension(SESSION_TICKET))?.length ?? 0;
}

/** A server whose cache knows ids by their first eight bytes. */
function findsByPrefix(): LibsslServer {
  const keyOf = (id: Uint8Array): string => id.subarray(0, 8).join();
  return new LibsslServer({
    setUp: (libssl, ctx) => void keepSessions(libssl, ctx, { keyOf }),
  });
}
