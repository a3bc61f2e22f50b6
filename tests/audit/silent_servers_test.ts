/** How long an audit takes at servers that are silent or slow. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsError, type TlsTransport } from "@sesame/tls";
import { type Audit, auditServer, type Finding } from "@sesame/tls/audit";
import { createTransportPair } from "@sesame/tls/testing";
import { LibsslServer } from "./wrong/libssl_server.ts";

/** A server that answers nothing to the connections of which `isSilent` holds, and counts them. */
function silentAt(
  server: LibsslServer,
  isSilent: (n: number) => boolean,
): { connect: () => TlsTransport; count: number } {
  const front = {
    count: 0,
    connect: () =>
      isSilent(front.count++) ? createTransportPair().client : server.connect(),
  };
  return front;
}

/** What an audit finds, and what it throws at its end. */
async function foundBy(
  audit: Audit,
): Promise<{ findings: Finding[]; error: unknown }> {
  const findings: Finding[] = [];
  try {
    for await (const finding of audit) findings.push(finding);
  } catch (error) {
    return { findings, error };
  }
  return { findings, error: null };
}

describe("An audit", () => {
  for (const concurrency of [1, 8]) {
    it(`gives a server up that has stopped answering, with ${concurrency} probes at a time`, async () => {
      using server = new LibsslServer();
      const front = silentAt(server, (n) => n >= 40);
      const { connect } = front;
      const options = { connect, silence: 10, timeout: 20, concurrency };
      const { findings, error } = await foundBy(auditServer(options));
      assert(error instanceof TlsError && error.code === "timeout");
      assertMatch(error.message, /^The server has stopped answering: \d+ con/);
      assertLess(front.count, 40 + 5 * concurrency + 1);
      assert(findings.some(({ verdict }) => verdict === "pass"));
    });
  }

  it("isn't misled by connections at the same time, or by a server that is silent now and then", async () => {
    using server = new LibsslServer();
    const { connect } = silentAt(server, (n) => n > 20 && n % 10 < 3);
    const { error } = await foundBy(auditServer({
      connect,
      silence: 10,
      timeout: 20,
      probes: ["robustness"],
    }));
    assertEquals(error, null);
    const others = { connect: server.connect, silence: 10, concurrency: 16 };
    const found = await foundBy(auditServer({ ...others, probes: ["proof"] }));
    assertEquals(found.error, null);
  });

  it("ends by its limit, without the time that changes take", async () => {
    using server = new LibsslServer();
    const slow = async (): Promise<TlsTransport> => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return server.connect();
    };
    const start = performance.now();
    const { findings, error } = await foundBy(
      auditServer({ connect: slow, silence: 10, maxDuration: 1_000 }),
    );
    assertLess(performance.now() - start, 5_000);
    assert(findings.some(({ verdict }) => verdict === "pass"));
    assert(error instanceof TlsError && error.code === "timeout");
    assertMatch(error.message, /^The audit has taken longer than 1000 ms/);
    let pauses = 0;
    const { findings: [changed] } = await foundBy(auditServer({
      connect: server.connect,
      silence: 10,
      maxDuration: 1_000,
      probes: ["isolation/changed-certificate"],
      change: async () => {
        pauses++;
        await new Promise((resolve) => setTimeout(resolve, 700));
      },
    }));
    assert(pauses > 1);
    assertEquals(
      changed?.summary,
      "After the change the server shows the certificate that it had before",
    );
  });

  it("says that its time is up if that is why nothing could be surveyed", async () => {
    using server = new LibsslServer();
    for (const isSilent of [true, false]) {
      const { connect } = isSilent ? silentAt(server, () => true) : server;
      const late = async (): Promise<TlsTransport> => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return connect();
      };
      const { findings, error } = await foundBy(
        auditServer({ connect: late, silence: 10, maxDuration: 50 }),
      );
      assertEquals(findings, []);
      assert(error instanceof TlsError && error.code === "timeout");
      assertMatch(error.message, /^The audit has taken longer than 50 ms/);
    }
  });

  it("of a server that is silent from the beginning tries each kind once", async () => {
    using server = new LibsslServer();
    const front = silentAt(server, () => true);
    const { connect } = front;
    const { error } = await foundBy(auditServer({ connect, timeout: 20 }));
    assert(error instanceof TlsError && error.code === "handshake");
    assertEquals(front.count, 3);
  });

  it("has a handshake that got no answer be no reason that there is nothing to probe", async () => {
    using server = new LibsslServer();
    const { connect } = silentAt(server, (n) => n === 16);
    const { findings: [finding] } = await foundBy(auditServer({
      connect,
      silence: 10,
      timeout: 20,
      probes: ["behaviour/lifetime-hint"],
    }));
    assertEquals(
      [finding?.verdict, finding?.summary],
      [
        "inconclusive",
        "The handshake failed: Full handshake in TLS 1.2 took longer than 20 ms",
      ],
    );
  });
});
