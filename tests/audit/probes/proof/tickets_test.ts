import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  SSL_OP_NO_TICKET,
  TLS1_3_VERSION,
} from "../../../../src/libssl/mod.ts";
import { SURVEY_RESUMPTIONS } from "../../../../src/audit/survey.ts";
import { compared } from "../../../../src/audit/probes/proof/ticket_iv.ts";
import { assertVerdict } from "../../findings_of.ts";
import { helloFront } from "../../wrong/hello_front.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";

const ILLEGAL_PARAMETER = 47;
const TICKET_KEY_BYTES = 80;

describe("proof/random-ids", () => {
  it("passes at OpenSSL's server, and measures look-ups", async () => {
    using server = new LibsslServer();
    const { facts } = await assertVerdict(server, "proof/random-ids", "pass", {
      samples: 3,
    });
    assertEquals(facts.samples, 3);
    assertEquals(
      Object.keys(facts).filter((name) => name.endsWith("Ms")),
      ["unknownMs", "resumedMs", "withoutSessionMs"],
    );
  });

  it("fails at a server that resumes any id", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, { refused: () => 0 });
    await assertVerdict(front, "proof/random-ids", "fail");
  });
});

describe("proof/ticket-age", () => {
  it("passes at OpenSSL's server, which resumes all the same", async () => {
    using server = new LibsslServer();
    const { facts } = await assertVerdict(server, "proof/ticket-age", "pass");
    assertEquals(facts.outcomes, [
      "an age of a day: resumed",
      "an age of eight days: resumed",
      "an age before its time: resumed",
    ]);
  });

  it("warns of a server that ends the handshake", async () => {
    using server = new LibsslServer();
    let proposals = 0;
    const front = helloFront(server, {
      hello: ({ identities }) =>
        identities.length > 0 && ++proposals > SURVEY_RESUMPTIONS
          ? { alert: ILLEGAL_PARAMETER }
          : null,
    });
    const { summary } = await assertVerdict(front, "proof/ticket-age", "warn");
    assertStringIncludes(summary, "a day: the alert illegal_parameter");
  });
});

describe("proof/ticket-iv", () => {
  it("passes at OpenSSL's server, and tells the name of its key", async () => {
    using server = new LibsslServer();
    const { facts } = await assertVerdict(server, "proof/ticket-iv", "pass");
    assertEquals(String(facts.keyName).length, 32);
  });

  it("fails at a server that draws the same random bytes each time", async () => {
    // As processes do that are forked of one with a generator in memory.
    const servers: LibsslServer[] = [];
    const connect = (): ReturnType<LibsslServer["connect"]> => {
      const server = new LibsslServer({ seed: "always the same" });
      servers.push(server);
      return server.connect();
    };
    const { summary } = await assertVerdict(
      connect,
      "proof/ticket-iv",
      "fail",
      {
        kind: "tls1.2-ticket",
        samples: 3,
      },
    );
    assertStringIncludes(summary, "more than a key's name");
    for (const server of servers) server[Symbol.dispose]();
  });

  it("tells a long name of a key from a vector that is used again", () => {
    const ticket = (named: number, last: number): Uint8Array =>
      new Uint8Array(160).fill(1, 0, named).fill(last, named);
    const verdicts = ([16, 32, 44] as const).map((named) =>
      compared([2, 3, 4].map((last) => ticket(named, last))).verdict
    );
    assertEquals(verdicts, ["pass", "warn", "fail"]);
    const again = [ticket(16, 2), ticket(28, 3), ticket(28, 4)];
    assertEquals(compared(again).verdict, "fail");
  });

  it("fails at a server whose key is all zeros", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) =>
        void libssl.SSL_CTX_set_tlsext_ticket_keys(
          ctx,
          new Uint8Array(TICKET_KEY_BYTES),
        ),
    });
    const { severity } = await assertVerdict(server, "proof/ticket-iv", "fail");
    assertEquals(severity, "critical");
  });

  it("isn't applicable to ids of stored sessions", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) =>
        void libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET),
    });
    const { summary } = await assertVerdict(
      server,
      "proof/ticket-iv",
      "not applicable",
      { kind: "tls1.3" },
    );
    assertStringIncludes(summary, "ids of sessions");
  });
});

describe("proof/retry-downgrade", () => {
  it("passes at OpenSSL's server", async () => {
    using server = new LibsslServer();
    const { evidence } = await assertVerdict(
      server,
      "proof/retry-downgrade",
      "pass",
    );
    assert(
      evidence.some(({ trace }) =>
        trace.messages({ name: "HelloRetryRequest" }).length > 0
      ),
    );
  });

  it("fails at a server as Mbed TLS was", async () => {
    using server = new LibsslServer();
    for (const wrong of [0, 1, 2]) {
      let second = 0;
      const front = helloFront(server, {
        refused: ({ isModern }, n) =>
          n === 1 && !isModern && second++ === wrong ? 0 : null,
      });
      await assertVerdict(front, "proof/retry-downgrade", "fail");
    }
  });

  it("isn't applicable without TLS 1.2", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) =>
        void libssl.SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION),
    });
    await assertVerdict(server, "proof/retry-downgrade", "not applicable");
  });
});
