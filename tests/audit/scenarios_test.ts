/**
 * Vulnerabilities of the past, rebuilt: the audit finds each, with its name and advice, and passes
 * the same server when it is mended. With the same seed all of it happens again, byte by byte.
 */
import { auditServer, type Finding, type Verdict } from "@sesame/tls/audit";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RETRY_DOWNGRADE } from "./scenarios/versions.ts";
import { SCENARIOS } from "./scenarios/mod.ts";
import type { AuditScenario } from "./scenarios/scenario.ts";
import { PKI } from "./wrong/libssl_server.ts";

interface Settings {
  isMended: boolean;
  seed?: string;
}

/** What the audit finds at a scenario's server. */
async function findingsIn(
  scenario: AuditScenario,
  { isMended, seed = scenario.name }: Settings,
): Promise<Finding[]> {
  const { server, change } = scenario.start({ isMended, seed });
  using _ = server;
  const { cert, key } = PKI.client;
  return await Array.fromAsync(auditServer({
    connect: server.connect,
    clock: server.clock,
    names: scenario.names,
    probes: Object.keys(scenario.verdicts),
    seed,
    silence: 10,
    ...(scenario.hasCertificate && { cert, key }),
    ...(change && { change }),
  }));
}

/** The verdicts that are expected, as {@linkcode verdictsOf} has them. */
function expected({ verdicts }: AuditScenario, isMended: boolean): string[] {
  return Object.entries(verdicts).flatMap(([probe, kinds]) =>
    Object.entries(kinds).map(([kind, [wrong, mended]]) =>
      textOf(probe, kind, isMended ? mended : wrong)
    )
  ).sort();
}

function verdictsOf(findings: readonly Finding[]): string[] {
  return findings.map(({ probe, kind, verdict }) =>
    textOf(probe, kind ?? "all", verdict)
  ).sort();
}

function textOf(probe: string, kind: string, verdict: Verdict): string {
  return `${probe}, ${kind}: ${verdict}`;
}

/** What went over the wire: a digest of each connection. */
async function digestsOf(findings: readonly Finding[]): Promise<string[]> {
  const traces = findings.flatMap(({ evidence }) =>
    evidence.map(({ trace }) => trace.transcript)
  );
  return await Promise.all(traces.map(async (bytes) => {
    const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
    return new Uint8Array(digest).toHex();
  }));
}

describe("The audit", () => {
  for (const scenario of SCENARIOS) {
    const { name, reference, advice } = scenario;
    it(`finds ${name}`, async () => {
      const findings = await findingsIn(scenario, { isMended: false });
      assertEquals(verdictsOf(findings), expected(scenario, false));
      const bad = findings.filter(({ verdict }) => verdict !== "pass");
      assert(bad.length > 0);
      for (const finding of bad) {
        assert(finding.references.includes(reference), finding.probe);
        assertMatch(finding.advice ?? "", advice);
        assert(finding.evidence.length > 1);
      }
      // The same seed shows the same again.
      const again = await findingsIn(scenario, { isMended: false });
      assertEquals(await digestsOf(again), await digestsOf(findings));
    });

    it(`passes its mended server: ${name}`, async () => {
      const findings = await findingsIn(scenario, { isMended: true });
      assertEquals(verdictsOf(findings), expected(scenario, true));
    });
  }

  it("shows something else with another seed", async () => {
    const [one, other] = await Promise.all(
      ["one", "other"].map(async (seed) =>
        await digestsOf(
          await findingsIn(RETRY_DOWNGRADE, { isMended: false, seed }),
        )
      ),
    );
    assertNotEquals(one, other);
  });
});
