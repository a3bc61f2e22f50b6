/** A scenario's report: it names each expectation that isn't met, and no other. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AssertionError } from "../../../src/testing/assertions.ts";
import {
  assertScenario,
  runScenario,
  type Scenario,
  type ScenarioExpectation,
} from "../../../src/testing/scenario.ts";
import type { Observation } from "../../../src/testing/scenario/connection.ts";
import { compare } from "../../../src/testing/scenario/report.ts";
import { BADLY, unmet, WELL } from "./setup.ts";

/** What none of it is. */
const WRONG: Observation["facts"] = {
  result: "stalled",
  alert: { from: "server", name: "handshake_failure" },
  clientError: "the weather",
  serverError: "the weather",
  protocol: "TLSv1.2",
  cipher: "TLS_AES_128_GCM_SHA256",
  signature: "ed25519",
  group: null,
  alpn: "http/1.1",
  serverName: null,
  resumed: false,
  from: "ticket",
  reason: "expired",
  sessionId: "new",
  tickets: 2,
  ticketLifetime: null,
  sessions: 2,
  helloRetry: true,
  certificateRequest: true,
  serverCertificate: "CN=other",
  clientCertificate: null,
  earlyData: "rejected",
  lookups: 0,
  writes: 2,
  deletions: 1,
  storeErrors: 1,
  injected: 1,
  elapsed: 1,
};

/** `WELL` with another expectation of its second connection. */
function expecting(
  expectation: Partial<ScenarioExpectation>,
): Scenario {
  const [step] = WELL.then ?? [];
  assert(step && "reconnect" in step);
  return {
    ...WELL,
    then: [{ ...step, expect: { ...step.expect, ...expectation } }],
  };
}

describe("A scenario that isn't as expected", () => {
  for (const name of Object.keys(WRONG) as (keyof typeof WRONG)[]) {
    it(`is found out by its ${name}`, async () => {
      assertEquals(await unmet(expecting({ [name]: WRONG[name] })), [name]);
    });
  }

  for (const name of ["clientError", "serverError", "alert"] as const) {
    it(`is found out by its ${name} where it fails`, async () => {
      for (const wrong of [null, WRONG[name]]) {
        const expect = { ...BADLY.expect, [name]: wrong };
        assertEquals(await unmet({ ...BADLY, expect }), [name]);
      }
    });
  }

  it("says all of it at once, with the ladder and the seed", async () => {
    const wrong = expecting({ alpn: "h3", tickets: 3, resumed: false });
    const error = await assertRejects(
      () => assertScenario(wrong, { seed: 42 }),
      AssertionError,
    );
    for (
      const text of [
        'Scenario "all goes well" (seed "42")',
        'connection 2: expected alpn "h3", found "h2"',
        "connection 2: expected tickets 3, found 1",
        "connection 2: expected resumed false, found true",
        "ClientHello",
      ]
    ) assertStringIncludes(error.message, text);
    // Connection 1 was as expected.
    assertEquals(error.message.split("ClientHello").length, 2);
  });

  const results: [ScenarioExpectation["result"], Omit<Scenario, "expect">][] = [
    ["success", { name: "nothing unusual" }],
    ["client-fails", { name: "a", server: { certificate: "untrusted" } }],
    ["server-fails", { name: "b", server: { clientAuth: "require" } }],
    ["lost", { name: "c", network: { toServer: { drop: { atByte: 9 } } } }],
    [
      "stalled",
      { name: "d", network: { toServer: { corrupt: { at: 3, xor: 8 } } } },
    ],
    ["client-refuses", { name: "e", client: { hostname: ".dot" } }],
  ];
  for (const [result, scenario] of results) {
    it(`is told from "${result}"`, async () => {
      for (const [other] of results) {
        assertEquals(
          await unmet({ ...scenario, expect: { result: other } }),
          other === result ? [] : ["result"],
        );
      }
    });
  }

  it("is found out where data doesn't arrive, whatever is expected", async () => {
    const { mismatches } = await runScenario({
      name: "a spoilt record",
      // Behind the handshake.
      network: { toServer: { corrupt: { at: 1600 } } },
      expect: { result: "success" },
    });
    assertEquals(mismatches, [{
      connection: 1,
      expectation: null,
      text: 'the data of the client arrived as ""',
    }]);
  });

  it("is found out by what must never be, whatever is expected", async () => {
    const { traces } = await runScenario(BADLY);
    const sighting: Observation = {
      facts: { ...WRONG, result: "success" },
      violations: ["the endpoints derive different keys"],
      sessions: [],
      trace: traces[0] ?? null,
    };
    assertEquals(compare(3, { result: "success" }, sighting), [{
      connection: 3,
      expectation: null,
      text: "the endpoints derive different keys",
    }]);
  });
});
