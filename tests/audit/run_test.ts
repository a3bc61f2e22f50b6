/** The engine of audits, with probes of the tests' own. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL, TlsContext, TlsError } from "@sesame/tls";
import type { ClientSession, Finding, Probe, Probing } from "@sesame/tls/audit";
import { createTestCertificate, VirtualClock } from "@sesame/tls/testing";
import type { AuditOptions } from "../../src/audit/options.ts";
import { auditSettings } from "../../src/audit/settings.ts";
import { type AuditTask, findingsOf, planOf } from "../../src/audit/run.ts";
import type { Target } from "../../src/audit/client/target.ts";
import { SandboxTarget } from "../../src/audit/sandbox_target.ts";
import type { Wire } from "../../src/audit/client/wire.ts";

const CLOCK = new VirtualClock();
const CONTEXT = new TlsContext({
  ...createTestCertificate(),
  openssl: new OpenSSL({ clock: CLOCK.now }),
});

/** A probe that does what `run` says. */
function probe(
  run: (probing: Probing) => Promise<unknown>,
  more: Partial<Probe> = {},
): Probe {
  return {
    id: "proof/test",
    title: "It is tested",
    severity: "medium",
    kinds: [],
    needs: [],
    connections: 2,
    references: ["RFC 8446"],
    explain: { sends: "", expects: "", why: "" },
    advice: "Do something",
    run: async (probing) => {
      await run(probing);
      return { verdict: "pass", summary: "done" };
    },
    ...more,
  };
}

function task(
  probes: readonly Probe[],
  options: AuditOptions & Pick<AuditTask, "change"> = { change: undefined },
): AuditTask {
  const { change, ...own } = options;
  return {
    settings: { ...auditSettings(own, "localhost"), probes },
    target: new SandboxTarget([CONTEXT]),
    change,
  };
}

async function only(one: AuditTask): Promise<Finding> {
  const findings = await Array.fromAsync(findingsOf(one));
  const [finding] = findings;
  assert(finding && findings.length === 1);
  return finding;
}

describe("An audit", () => {
  it("makes a finding of what a probe returns, and of its connections", async () => {
    const result = {
      verdict: "fail",
      summary: "It resumes",
      facts: { count: 3 },
    } as const;
    const finding = await only(task([
      probe(() => Promise.resolve(), {
        async run(probing): Promise<typeof result> {
          await probing.visit({ title: "The only one" });
          return result;
        },
      }),
    ]));
    const { evidence, ms, ...rest } = finding;
    assert(ms > 0);
    assertEquals(evidence.map(({ title }) => title), ["The only one"]);
    assertEquals(rest, {
      probe: "proof/test",
      title: "It is tested",
      kind: null,
      severity: "medium",
      advice: "Do something",
      references: ["RFC 8446"],
      connections: 1,
      ...result,
    });
  });

  it("gives neither advice nor severity where there is nothing to do", async () => {
    const { severity, advice } = await only(
      task([probe(() => Promise.resolve())]),
    );
    assertEquals([severity, advice], ["info", null]);
  });

  it("is inconclusive where a probe throws, or wants more connections than it said", async () => {
    const cases: [(probing: Probing) => Promise<unknown>, string, string][] = [
      [() => Promise.reject(new Error("no")), "inconclusive", "no"],
      [
        (probing) => Promise.resolve(probing.notApplicable("nothing")),
        "not applicable",
        "nothing",
      ],
      [
        async (probing) => {
          for (;;) await probing.visit();
        },
        "inconclusive",
        "The probe would make more than the 2 connections that it may make",
      ],
    ];
    for (const [run, verdict, summary] of cases) {
      const finding = await only(task([probe(run)]));
      assertEquals([finding.verdict, finding.summary], [verdict, summary]);
    }
  });

  it("leaves a server alone that has stopped answering", async () => {
    let connections = 0;
    let isDown = false;
    const target: Target = {
      nodes: ["1"],
      open: (node) => {
        if (isDown) return Promise.reject(new Error(`down ${++connections}`));
        return new SandboxTarget([CONTEXT]).open(node);
      },
    };
    const one = probe(async (probing) => {
      isDown = true;
      await probing.visit();
    });
    const findings: Finding[] = [];
    await assertRejects(
      async () => {
        const audit = findingsOf({ ...task(Array(8).fill(one)), target });
        for await (const finding of audit) findings.push(finding);
      },
      TlsError,
      "The server has stopped answering: 5 connections in a row failed",
    );
    assertEquals(
      findings.map(({ verdict, summary }) => [verdict, summary]),
      [1, 2, 3, 4, 5].map((n) => ["inconclusive", `down ${n}`]),
    );
    assertEquals(connections, 5);
  });

  it("has a finding for each kind, and says why one can't be probed", async () => {
    const kinds = ["tls1.2-id", "tls1.2-ticket", "tls1.3"] as const;
    const seen: unknown[] = [];
    const one = probe(async (probing) => {
      seen.push(probing.kind, (await probing.session()).kind);
    }, { kinds });
    const findings = await Array.fromAsync(findingsOf(task([one])));
    assertEquals(findings.map(({ kind }) => kind), [...kinds]);
    assertEquals(findings.map(({ summary }) => summary), [
      // Without a store a context has stateless tickets alone.
      "The server doesn't resume sessions of this kind",
      "done",
      "done",
    ]);
    assertEquals(seen, [kinds[1], kinds[1], kinds[2], kinds[2]]);
  });

  it("leaves out probes that need something, says what, and plans no connections", async () => {
    const needs = [
      "otherName",
      "certificate",
      "otherCertificate",
      "otherNode",
      "clock",
      "change",
    ] as const;
    const probes = needs.map((need) =>
      probe(() => Promise.resolve(), { needs: [need], id: `proof/${need}` })
    );
    const { steps, connections } = planOf(task(probes));
    assertEquals(steps.filter((step) => step.missing === null), []);
    const survey = planOf(task([])).connections;
    assertEquals(connections, survey);
    const findings = await Array.fromAsync(findingsOf(task(probes)));
    for (const { verdict, summary } of findings) {
      assertEquals(verdict, "not applicable");
      assert(summary.startsWith("It needs "), summary);
    }
    const extent = probe(() => Promise.resolve(), {
      connections: ({ nodes, samples }) => 100 * nodes + samples,
    });
    const plan = planOf(task([extent], { samples: 5, change: undefined }));
    assertEquals(plan.connections, survey + 105);
  });

  it("puts the clock back, and changes the server at the end", async () => {
    const start = CLOCK.now();
    const order: string[] = [];
    const step = (id: string, needs: Probe["needs"]): Probe =>
      probe(async (probing) => {
        order.push(`${id} ${probing.now() - start}`);
        if (needs.includes("clock")) await probing.advance(1_000);
        if (needs.includes("change")) await probing.change("restart");
      }, { id, needs });
    const probes = [
      step("a/change", ["change"]),
      step("a/clock", ["clock"]),
      step("b/clock", ["clock"]),
      step("a/plain", []),
    ];
    const options = {
      clock: CLOCK,
      change: (what: string) => void order.push(what),
    };
    await Array.fromAsync(findingsOf(task(probes, options)));
    assertEquals(order, [
      "a/plain 0",
      "a/clock 0",
      "b/clock 0",
      "a/change 0",
      "restart",
    ]);
    assertEquals(CLOCK.now(), start);
  });

  it("says that a change can't be made", async () => {
    const one = probe((probing) => probing.change("restart"), {
      needs: ["change"],
    });
    const change = { certificate: () => {} };
    const { verdict, summary } = await only(task([one], { change }));
    assertEquals(verdict, "not applicable");
    assert(summary.includes("restart"));
  });

  it("runs so many probes at a time as it is told to", async () => {
    for (const concurrency of [1, 3]) {
      let running = 0;
      let most = 0;
      const one = probe(async (probing) => {
        most = Math.max(most, ++running);
        await probing.visit();
        running--;
      });
      const options = { concurrency, change: undefined };
      const findings = await Array.fromAsync(
        findingsOf(task(Array(5).fill(one), options)),
      );
      assertEquals(
        findings.map(({ verdict }) => verdict),
        Array(5).fill("pass"),
      );
      assertEquals(most, concurrency);
    }
  });

  it("tells how far it is", async () => {
    const log: unknown[] = [];
    const onProgress: AuditOptions["onProgress"] = (
      { probe, done, total, connections },
    ) => log.push([probe, done, total, connections > 0]);
    const probes = [probe((probing) => probing.visit())];
    await Array.fromAsync(
      findingsOf(task(probes, { onProgress, change: undefined })),
    );
    assertEquals(log, [
      [null, 0, 1, false],
      ["proof/test", 0, 1, true],
      [null, 1, 1, true],
    ]);
  });

  it("is ended by its signal, also in the middle of a probe", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const aborts = probe(async (probing) => {
      controller.abort(new Error("enough"));
      await probing.visit();
    });
    const options = { signal, change: undefined };
    for (let times = 0; times < 2; times++) {
      await assertRejects(
        () => Array.fromAsync(findingsOf(task([aborts, aborts], options))),
        Error,
        "enough",
      );
    }
  });

  it("is ended by break: its sessions are wiped, other probes don't run", async () => {
    const sessions: ClientSession[] = [];
    const one = probe(async (probing) => {
      sessions.push(await probing.session());
    });
    for await (const { verdict } of findingsOf(task([one, one]))) {
      assertEquals(verdict, "pass");
      break;
    }
    const [session, ...rest] = sessions;
    assertEquals(rest, []);
    assertEquals(session?.der.some((byte) => byte !== 0), false);
  });

  it("has ended all its connections when break has ended it", async () => {
    let open = 0;
    const sandbox = new SandboxTarget([CONTEXT]);
    const target: Target = {
      nodes: sandbox.nodes,
      async open(node): Promise<Wire> {
        const wire = await sandbox.open(node);
        open++;
        return {
          write: (bytes, deadline) => wire.write(bytes, deadline),
          read: (ms, deadline) => wire.read(ms, deadline),
          endWriting: (deadline) => wire.endWriting(deadline),
          async close(mode): Promise<void> {
            await wire.close(mode);
            open--;
          },
        };
      },
    };
    const { promise: used, resolve: use } = Promise.withResolvers<void>();
    let sessions: readonly ClientSession[] = [];
    const slow = probe(async (probing) => {
      ({ sessions } = await probing.visit());
      await probing.visit({
        async use(connection): Promise<void> {
          use();
          await connection.read(5_000);
        },
      });
    });
    const quick = probe(() => used);
    const options = { concurrency: 2, change: undefined };
    const audit = findingsOf({ ...task([slow, quick], options), target });
    for await (const { summary } of audit) {
      assertEquals([summary, open], ["done", 1]);
      break;
    }
    assertEquals(open, 0);
    assert(sessions.length > 0);
    for (const { der } of sessions) assert(der.every((byte) => byte === 0));
  });
});
