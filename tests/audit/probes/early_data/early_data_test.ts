/** The probes of early data, on servers that are right, that have none, and that are wrong. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL, TlsContext } from "@sesame/tls";
import type { Finding } from "@sesame/tls/audit";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { VirtualClock } from "@sesame/tls/testing";
import { findingsOf } from "../../findings_of.ts";
import { LibsslServer, PKI } from "../../wrong/libssl_server.ts";
import { hasEarlyData } from "./flights.ts";
import {
  carelessAbout,
  eager,
  MAX_EARLY_DATA,
  NAMES,
  probed,
  selectsAny,
} from "./servers.ts";

const ALL_PASS = {
  "accepted": "pass",
  "replay": "pass",
  "replay-other-node": "pass",
  "replay-after-restart": "pass",
  "too-much": "pass",
  "other-alpn": "pass",
  "other-cipher": "pass",
  "other-name": "pass",
  "hello-retry-request": "pass",
  "second-hello": "pass",
  "expired": "pass",
  "ticket-age": "pass",
};

/** By probe: the verdict, with the severity if it isn't good, or why there is none. */
function verdicts(findings: readonly Finding[]): Record<string, string> {
  return Object.fromEntries(
    findings.map(({ probe, verdict, severity, summary }) => [
      probe.replace("early-data/", ""),
      verdict === "pass"
        ? verdict
        : `${verdict}, ${
          verdict === "fail" || verdict === "warn" ? severity : summary
        }`,
    ]),
  );
}

/** A server whose tickets allow early data, which it then rejects. */
function rejectingAll(): LibsslServer {
  return new LibsslServer(eager({
    setUp(libssl, ctx): void {
      selectsAny(libssl, ctx);
      libssl.SSL_CTX_set_allow_early_data_cb(ctx, () => 0);
    },
  }));
}

describe("Probes of early data", () => {
  it("pass at a server whose sessions are used once", async () => {
    const clock = new VirtualClock();
    const openssl = new OpenSSL({ clock: clock.now });
    const store = new MemorySessionStore({ now: clock.now });
    const newContext = (): TlsContext =>
      new TlsContext({
        openssl,
        ...PKI.server,
        sessions: store,
        singleUse: true,
        maxEarlyData: MAX_EARLY_DATA,
        alpnProtocols: ["h2", "http/1.1"],
      });
    const findings = await findingsOf(newContext(), "early-data", {
      nodes: [newContext()],
      clock,
      names: NAMES,
      change: { restart: () => [newContext(), newContext()] },
    });
    assertEquals(verdicts(findings), ALL_PASS);
  });

  it("pass at a server of OpenSSL's, but those of what it doesn't compare", async () => {
    using server = new LibsslServer(eager({ setUp: selectsAny }));
    const findings = await findingsOf(server, "early-data", {
      nodes: ["a", "b"],
      names: NAMES,
      change: () => {},
    });
    assertEquals(verdicts(findings), {
      ...ALL_PASS,
      "other-cipher": "fail, low",
      "other-name": "warn, low",
    });
  });

  it("are not applicable where no early data is allowed", async () => {
    using server = new LibsslServer();
    const findings = await findingsOf(server, "early-data", {
      nodes: ["a", "b"],
      names: NAMES,
      change: () => {},
    });
    const { accepted, ...others } = verdicts(findings);
    assertEquals(accepted, "pass");
    assertEquals(
      new Set(Object.values(others)),
      new Set(["not applicable, The server's tickets allow no early data"]),
    );
    assertEquals(Object.keys(others).length, 11);
  });

  it("are not applicable where all early data is rejected", async () => {
    using server = rejectingAll();
    const findings = await findingsOf(server, "early-data", {
      nodes: ["a", "b"],
      names: NAMES,
      change: () => {},
    });
    const { accepted, ...others } = verdicts(findings);
    assertEquals(accepted, "warn, low");
    const rejected = "not applicable, The server rejects all early data";
    assertEquals(others, {
      ...Object.fromEntries(
        Object.keys(others).map((probe) => [probe, rejected]),
      ),
      "second-hello": "pass",
    });
  });

  it("accepted: fails if the ticket allows none, and warns if it allows what is rejected", async () => {
    using lavish = carelessAbout("amount", {
      onConnection: (libssl, ssl) => libssl.SSL_set_max_early_data(ssl, 0),
      onBytes(bytes, { libssl, ssl }): Uint8Array {
        if (libssl.SSL_get_max_early_data(ssl) === 0 && hasEarlyData(bytes)) {
          libssl.SSL_set_max_early_data(ssl, MAX_EARLY_DATA);
        }
        return bytes;
      },
    });
    const { verdict, facts } = await probed("accepted", [lavish]);
    assertEquals(verdict, "fail");
    assertEquals(facts, {
      allowed: false,
      maxEarlyDataBytes: 0,
      accepted: true,
    });
    using shy = rejectingAll();
    assertEquals((await probed("accepted", [shy])).verdict, "warn");
  });

  it("too-much: fails if the server doesn't count", async () => {
    using server = carelessAbout("amount");
    const { verdict, facts } = await probed("too-much", [server]);
    assertEquals(verdict, "fail");
    assertEquals(facts, {
      maxEarlyDataBytes: MAX_EARLY_DATA,
      sentBytes: MAX_EARLY_DATA + 1,
    });
  });

  it("too-much: says nothing of a server that falls silent", async () => {
    using server = carelessAbout("amount", {
      onBytes: (bytes) =>
        bytes.length > 2 * MAX_EARLY_DATA ? new Uint8Array() : bytes,
    });
    const { verdict, summary } = await probed("too-much", [server], {
      timeout: 500,
    });
    assertEquals(verdict, "inconclusive");
    assertStringIncludes(summary, "silent");
  });
});
