/** Audits of contexts, in memory: their options, and the changes that they make. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL, TlsContext } from "@sesame/tls";
import { auditContext, type AuditContextOptions } from "@sesame/tls/audit";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestCertificate, VirtualClock } from "@sesame/tls/testing";
import { assertVerdict, findingsOf, verdictsOf } from "./findings_of.ts";
import {
  clock,
  ofResumedKinds,
  rightServer,
  rightServers,
} from "./probes/isolation/right_servers.ts";
import { PKI } from "./wrong/libssl_server.ts";

const CERTIFICATE = createTestCertificate();
const CA = [PKI.ca.cert];
const CLIENT = { cert: PKI.client.cert, key: PKI.client.key };

describe("auditContext", () => {
  it("refuses what is no context", () => {
    using context = new TlsContext(CERTIFICATE);
    const notOne = {} as TlsContext;
    assertThrows(() => auditContext(notOne), TypeError, "must be a TlsContext");
    for (const nodes of [[notOne], notOne]) {
      assertThrows(
        () => auditContext(context, { nodes } as AuditContextOptions),
        TypeError,
        "options.nodes",
      );
    }
  });

  it("refuses a clock that isn't the contexts'", () => {
    const clock = new VirtualClock();
    using own = new TlsContext({
      ...CERTIFICATE,
      openssl: new OpenSSL({ clock: clock.now }),
    });
    using other = new TlsContext(CERTIFICATE);
    auditContext(own, { clock });
    for (const nodes of [[], [own]]) {
      assertThrows(
        () => auditContext(other, { clock, nodes }),
        TypeError,
        "options.clock must be the clock of the context's OpenSSL",
      );
    }
    assertThrows(() => auditContext(own, { clock, nodes: [other] }), TypeError);
  });

  it("has a node for each context", async () => {
    const ticketKeys = [crypto.getRandomValues(new Uint8Array(80))];
    using one = new TlsContext({ ...CERTIFICATE, ticketKeys });
    using same = new TlsContext({ ...CERTIFICATE, ticketKeys });
    using other = new TlsContext(CERTIFICATE);
    for (const [node, verdict] of [[same, "pass"], [other, "warn"]] as const) {
      const findings = await findingsOf(one, "behaviour/nodes", {
        nodes: [node],
      });
      assertEquals(
        findings.map((finding) => finding.verdict),
        ["not applicable", verdict, verdict],
      );
    }
  });

  it("has the contexts serve that a change returns", async () => {
    using before = new TlsContext(CERTIFICATE);
    using after = new TlsContext(createTestCertificate());
    let isChanged = false;
    const certificate = (): TlsContext => {
      isChanged = !isChanged;
      return isChanged ? after : before;
    };
    const [, , finding] = await findingsOf(
      before,
      "isolation/changed-certificate",
      { change: { certificate } },
    );
    assert(finding && finding.connections > 0);
    assert(after.stats.handshakes > 0);
    assertEquals(isChanged, false);
  });
});

describe("The changes of auditContext", () => {
  const options = { clientAuth: "require", caCerts: CA } as const;
  const probes = [
    "isolation/changed-client-ca",
    "isolation/changed-certificate",
  ];

  it("changes what it serves by itself, and nothing else", async () => {
    for (const [context, passes] of rightServers(options)) {
      for (const id of probes) {
        const verdicts = await verdictsOf(context, id, { ...CLIENT, clock });
        const expected = id === probes[0] ? "pass" : "warn";
        assertEquals(
          ofResumedKinds(verdicts),
          Object.fromEntries(
            Object.keys(passes).map((kind) => [kind, expected]),
          ),
        );
      }
      // It serves as before.
      await assertVerdict(context, probes[0] ?? "", "pass", {
        ...CLIENT,
        clock,
        kind: "tls1.3",
      });
    }
  });

  it("changes the hosts that it chooses, too", async () => {
    const host = rightServer(options);
    for (const chosen of [host, Promise.resolve(host)]) {
      const context = rightServer({ contextFor: () => chosen });
      const settings = { ...CLIENT, clock, kind: "tls1.3" } as const;
      const [clientCa = "", certificate = ""] = probes;
      await assertVerdict(context, clientCa, "pass", settings);
      // It is resumed: a host that couldn't be changed would refuse everybody.
      await assertVerdict(context, certificate, "warn", settings);
    }
  });

  it("starts servers again", async () => {
    const sessions = new MemorySessionStore({ now: clock.now });
    const early = { sessions, maxEarlyData: 1000, singleUse: true };
    const id = "early-data/replay-after-restart";
    await assertVerdict(rightServer(early), id, "pass", { clock });
  });

  it("can't revoke a certificate", async () => {
    const id = "isolation/revoked-certificate";
    const finding = await assertVerdict(
      rightServer(options),
      id,
      "not applicable",
      { ...CLIENT, clock, kind: "tls1.3" },
    );
    assertMatch(finding.summary, /option change/);
  });
});
