/** What a scenario holds against a connection whatever it expects. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { SessionStats } from "../../../src/tls/sessions/session_stats.ts";
import {
  agreementViolations,
  dataViolations,
  earlyDataViolations,
  endViolations,
  statisticsViolations,
} from "../../../src/testing/scenario/invariants.ts";
import { createTlsSandbox } from "../../../src/testing/sandbox.ts";

describe("Statistics", () => {
  const stats = (more: Partial<SessionStats> = {}): SessionStats => ({
    handshakes: 0,
    resumed: {},
    full: {},
    lookups: 0,
    writes: 0,
    deletions: 0,
    storeErrors: 0,
    ...more,
  });
  const resumed = { resumed: true, from: "store" } as const;
  const expired = { resumed: false, reason: "expired" } as const;

  it("count a handshake once, as what it was", () => {
    const before = [stats({ handshakes: 1, resumed: { store: 1 } }), stats()];
    const after = [before[0] ?? stats()];
    assertEquals(
      statisticsViolations(resumed, before, [
        stats({ handshakes: 2, resumed: { store: 2 } }),
        stats(),
      ]),
      [],
    );
    // Another host may have served it.
    const other = stats({ handshakes: 1, full: { expired: 1 } });
    assertEquals(statisticsViolations(expired, before, [...after, other]), []);
    assertEquals(statisticsViolations(null, before, before), []);
  });

  it("that don't are at fault", () => {
    assertEquals(statisticsViolations(resumed, [stats()], [stats()]), [
      "the server's statistics count 0 handshakes, expected 1",
    ]);
    const counted = [stats({ handshakes: 1, full: { "unknown-id": 1 } })];
    assertEquals(statisticsViolations(null, [stats()], counted), [
      "the server's statistics count 1 handshakes, expected 0",
    ]);
    assertEquals(statisticsViolations(expired, [stats()], counted), [
      "the server reports expired, which its statistics don't count",
    ]);
    assertEquals(statisticsViolations(resumed, [stats()], counted), [
      "the server reports store, which its statistics don't count",
    ]);
  });
});

describe("Early data", () => {
  const hello = new TextEncoder().encode("hello");
  const nothing = new Uint8Array();

  it("is read as it was sent, if it was accepted", () => {
    assertEquals(earlyDataViolations(hello, "hello", "accepted"), []);
    assertEquals(earlyDataViolations(nothing, "hello", "rejected"), []);
    assertEquals(earlyDataViolations(nothing, "", "none"), []);
    assertEquals(earlyDataViolations(hello, "hello", null), []);
  });

  it("that isn't is a fault", () => {
    assertEquals(earlyDataViolations(nothing, "hello", "accepted"), [
      'the server read "" as early data, expected "hello"',
    ]);
    assertEquals(earlyDataViolations(hello, "hello", "rejected"), [
      'the server read "hello" as early data, expected ""',
    ]);
  });
});

describe("The ends of a connection", () => {
  it("agree", async () => {
    using sandbox = createTlsSandbox({ seed: "ends" });
    const pair = sandbox.pair();
    await pair.handshake();
    assertEquals(agreementViolations(pair), []);
    assertEquals(await dataViolations(pair), []);
    assertEquals(await endViolations(pair, "close"), []);
  });

  it("of two connections don't", async () => {
    using sandbox = createTlsSandbox({ seed: "ends" });
    const one = sandbox.pair({
      client: { alpnProtocols: ["h2"] },
      server: { alpnProtocols: ["h2"], maxVersion: "TLSv1.2" },
    });
    const other = sandbox.pair();
    await one.handshake();
    await other.handshake();
    const resumed = other.reconnect();
    await resumed.handshake();
    const { client } = one;
    const { server } = resumed;
    assertEquals(agreementViolations({ client, server }), [
      "the client reports protocol TLSv1.2, the server TLSv1.3",
      "the client reports cipher TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, " +
      "the server TLS_CHACHA20_POLY1305_SHA256",
      "the client reports alpnProtocol h2, the server null",
      "the client reports resumed false, the server true",
      "the endpoints derive different keys",
    ]);
    resumed[Symbol.dispose]();
  });

  it("fail where they are to fail, and not where they are to close", async () => {
    for (const end of ["cut", "forged"] as const) {
      using sandbox = createTlsSandbox({ seed: "ends" });
      const pair = sandbox.pair();
      await pair.handshake();
      assertEquals(await endViolations(pair, end), []);
      assertEquals(await endViolations(pair, "close"), [
        'the client is failed after the end "close", expected closed',
        'the server is failed after the end "close", expected closed',
      ]);
    }
  });
});
