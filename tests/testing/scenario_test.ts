import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertScenario, runScenario } from "../../src/testing/scenario.ts";
import { BADLY, WELL } from "./scenario/setup.ts";

describe("A scenario that is as expected", () => {
  for (const scenario of [WELL, BADLY]) {
    it(`is ok: ${scenario.name}`, async () => {
      const report = await runScenario(scenario);
      assertEquals(report.mismatches, []);
      assertEquals(report.ok, true);
      assertEquals(report.seed, scenario.name);
      assertEquals(report.traces.length, 1 + (scenario.then?.length ?? 0));
      assertStringIncludes(String(report), "as expected");
      await assertScenario(scenario);
    });
  }

  it("is the same out of JSON", async () => {
    assertEquals(JSON.parse(JSON.stringify(WELL)), WELL);
    assertEquals(
      (await runScenario(JSON.parse(JSON.stringify(WELL)))).ok,
      true,
    );
  });

  it("happens again with the same seed, and otherwise with another", async () => {
    const transcript = async (seed: string): Promise<string> => {
      const { traces } = await runScenario(WELL, { seed });
      return traces.map((trace) => trace?.transcript.join()).join("\n");
    };
    const one = await transcript("one");
    assertEquals(await transcript("one") === one, true);
    assertEquals(await transcript("two") === one, false);
  });
});

describe("A scenario's members that are undefined", () => {
  it("are as if they weren't there", async () => {
    const server = {
      certificate: undefined,
      clientAuth: undefined,
      faults: undefined,
      hosts: undefined,
      sessionTimeout: undefined,
      store: undefined,
      trust: undefined,
    };
    const { mismatches } = await runScenario({
      name: "undefined",
      server: {
        ...server,
        store: "memory",
        tickets: "stateful",
        faults: [{
          on: "set",
          when: undefined,
          fault: { kind: "latency", ms: 1, at: undefined },
        }],
      },
      client: { hostname: undefined, maxVersion: undefined },
      network: undefined,
      end: undefined,
      expect: { result: "success", alpn: undefined, resumed: false },
      then: [{
        // The first server's are its own still.
        reconnect: { server, client: {}, session: undefined, end: undefined },
        expect: { result: "success", resumed: true, from: "store" },
      }],
    }, { seed: undefined });
    assertEquals(mismatches, []);
  });
});
