/** A right server passes all probes of the family, whatever its sessions are kept in. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TlsContextOptions } from "@sesame/tls";
import type { TlsSandbox } from "@sesame/tls/testing";
import type { Finding, ResumptionKind } from "../../../../src/audit/finding.ts";
import { CONFIRMING_CONNECTIONS } from "../../../../src/audit/confirmation.ts";
import { behaviour } from "../../../../src/audit/probes/behaviour/mod.ts";
import { findingsOf } from "../../findings_of.ts";
import { newSandbox, serverContext, storeWith } from "./servers.ts";

const SERVERS: readonly {
  name: string;
  options: (sandbox: TlsSandbox) => TlsContextOptions;
  /** The kind of resumption that it doesn't have. */
  without: ResumptionKind;
}[] = [
  {
    name: "stateless tickets",
    options: () => ({}),
    without: "tls1.2-id",
  },
  {
    name: "a store",
    options: (sandbox) => ({ sessions: storeWith(sandbox) }),
    without: "tls1.2-ticket",
  },
  {
    name: "a store and single use",
    options: (sandbox) => ({ sessions: storeWith(sandbox), singleUse: true }),
    without: "tls1.2-ticket",
  },
];

describe("Probes of what a server does", () => {
  for (const { name, options, without } of SERVERS) {
    it(`pass a server with ${name}, twice`, async () => {
      using sandbox = newSandbox();
      using context = serverContext(sandbox, options(sandbox));
      const audited = (): Promise<Finding[]> =>
        findingsOf(context, "behaviour", {
          clock: sandbox.clock,
          nodes: [context],
        });
      const findings = await audited();
      const others = findings.filter(({ verdict }) => verdict !== "pass");
      assertEquals(
        others.filter(({ kind }) => kind !== without).map((
          { probe, summary },
        ) => `${probe}: ${summary}`),
        [],
      );
      assertEquals(
        findings.filter(({ kind }) => kind === without).map(({ verdict }) =>
          verdict
        ),
        others.map(() => "not applicable"),
      );
      assertEquals((await audited()).map(conclusion), findings.map(conclusion));
    });
  }

  it("make no more connections than they say", async () => {
    using sandbox = newSandbox();
    using context = serverContext(sandbox);
    const extent = { nodes: 2, samples: 4 };
    const findings = await findingsOf(context, "behaviour", {
      clock: sandbox.clock,
      nodes: [context],
      samples: extent.samples,
    });
    for (const { probe: id, connections } of findings) {
      const most = behaviour.find((probe) => probe.id === id)?.connections ?? 0;
      const bound = CONFIRMING_CONNECTIONS +
        (typeof most === "number" ? most : most(extent));
      assertEquals(connections <= bound, true, id);
    }
  });
});

/** What doesn't depend on randomness and time. */
function conclusion(
  { probe, kind, verdict, summary, facts, connections }: Finding,
): unknown {
  return { probe, kind, verdict, summary, facts, connections };
}
