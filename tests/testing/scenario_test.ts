import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compare } from "../../src/testing/scenario/report.ts";
import type { Observation } from "../../src/testing/scenario/connection.ts";
import { AssertionError } from "../../src/testing/assertions.ts";
import {
  assertScenario,
  runScenario,
  type Scenario,
  type ScenarioExpectation,
  type ScenarioMismatch,
} from "../../src/testing/scenario.ts";

/** A resumption with early data, about which all is said. */
const WELL: Scenario = {
  name: "all goes well",
  server: {
    store: "memory",
    singleUse: true,
    maxEarlyData: 100,
    alpnProtocols: ["h2"],
    clientAuth: "request",
  },
  client: { certificate: "client", alpnProtocols: ["h2"] },
  expect: { result: "success" },
  then: [{
    reconnect: { earlyData: "hello" },
    expect: {
      result: "success",
      alert: null,
      clientError: null,
      serverError: null,
      protocol: "TLSv1.3",
      cipher: "TLS_CHACHA20_POLY1305_SHA256",
      signature: null,
      group: "X25519MLKEM768",
      alpn: "h2",
      serverName: "localhost",
      resumed: true,
      from: "store",
      reason: null,
      sessionId: "echoed",
      tickets: 1,
      ticketLifetime: 7200,
      sessions: 1,
      helloRetry: false,
      certificateRequest: false,
      serverCertificate: "CN=localhost",
      clientCertificate: "CN=client,O=Test",
      earlyData: "accepted",
      lookups: 1,
      writes: 1,
      deletions: 0,
      storeErrors: 0,
      injected: 0,
      elapsed: 0,
    },
  }],
};

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

/** A handshake that fails, about which all is said that is something else then. */
const BADLY: Scenario = {
  name: "all goes badly",
  server: { certificate: "expired" },
  expect: {
    result: "client-fails",
    alert: { from: "client", name: "certificate_expired" },
    clientError: "certificate has expired",
    serverError: "alert certificate expired",
    resumed: null,
    protocol: null,
    earlyData: null,
    sessionId: "echoed",
    tickets: 0,
  },
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

/** The expectations that weren't met, of a scenario with more or other options. */
async function unmet(scenario: Scenario): Promise<
  ScenarioMismatch["expectation"][]
> {
  const { mismatches } = await runScenario(scenario);
  return mismatches.map(({ expectation }) => expectation);
}

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

describe("What is to go wrong in a scenario", () => {
  /** What is found, whatever is expected. */
  async function found(more: Partial<Scenario>): Promise<string[]> {
    const { mismatches } = await runScenario({
      name: "plans",
      expect: { result: "success" },
      ...more,
    });
    assert(mismatches.every(({ expectation }) => expectation === null));
    return mismatches.map(({ connection, text }) =>
      `${connection ?? "all"}: ${text}`
    );
  }

  it("happens to the network, or is found out", async () => {
    const far = 1_000_000;
    assertEquals(
      await found({
        network: {
          toClient: { corrupt: { at: { message: 99 } } },
          toServer: { drop: { atByte: far }, truncate: { at: far } },
        },
      }),
      [
        '1: the network\'s fault "drop" to the server never happened',
        '1: the network\'s fault "truncate" to the server never happened',
        '1: the network\'s fault "corrupt" to the client never happened',
      ],
    );
    assertEquals(
      await found({
        client: { hostname: ".dot" },
        network: { toServer: { corrupt: { at: 0 } } },
        expect: { result: "client-refuses" },
      }),
      ['1: the network\'s fault "corrupt" to the server never happened'],
    );
    const cut = { drop: { atByte: 9 }, truncate: undefined };
    assertEquals(
      await found({ network: { toServer: cut }, expect: { result: "lost" } }),
      [],
    );
  });

  it("happens to the store, or is found out", async () => {
    const store = "memory";
    const never = (count: number) => [
      `all: the store's fault "latency" is planned ${count} times, and happened ${
        count - 1
      } times`,
    ];
    const slow = { kind: "latency", ms: 1 } as const;
    assertEquals(
      await found({ server: { store, faults: [{ on: "get", fault: slow }] } }),
      never(1),
    );
    const faults = [{ on: "get", fault: slow }, {
      on: "set",
      when: { calls: 2 },
      fault: slow,
    }] as const;
    assertEquals(await found({ server: { store, faults } }), never(2));
    assertEquals(
      await found({
        server: {
          store,
          faults: [{ on: "get", when: { probability: 1 }, fault: slow }],
        },
      }),
      [],
    );
    // One of the servers that are made alike has it: that will do.
    assertEquals(
      await found({
        server: { store, faults },
        then: [
          { reconnect: {}, expect: { result: "success", injected: 1 } },
          { reconnect: { server: {} }, expect: { result: "success" } },
        ],
      }),
      [],
    );
  });

  it("shows all ladders where it doesn't", async () => {
    const report = await runScenario({
      name: "ladders",
      server: {
        store: "memory",
        faults: [{ on: "take", fault: { kind: "duplicate" } }],
      },
      expect: { result: "success" },
      then: [{ reconnect: {}, expect: { result: "success" } }],
    });
    assertStringIncludes(String(report), "  scenario: the store's fault");
    assertStringIncludes(String(report), "Connection 1:");
    assertStringIncludes(String(report), "Connection 2:");
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

describe("A scenario's steps", () => {
  const ok: ScenarioExpectation = { result: "success", resumed: true };
  const server = { store: "memory", tag: "a", sessionTimeout: 60 } as const;
  const base: Scenario = {
    name: "steps",
    server,
    expect: { result: "success" },
  };

  it("move the clock", async () => {
    const then = (advance: number) => [
      { advance },
      { reconnect: {}, expect: ok },
    ];
    assertEquals(await unmet({ ...base, then: then(59) }), []);
    assertEquals(await unmet({ ...base, then: then(60) }), ["resumed"]);
  });

  it("revoke sessions", async () => {
    const then = (revoke: string) => [
      { revoke },
      { reconnect: {}, expect: ok },
    ];
    const hosts = { "b.test": { store: "memory", tag: "b" } } as const;
    const both = { ...base, server: { ...server, hosts } };
    assertEquals(await unmet({ ...both, then: then("b") }), []);
    assertEquals(await unmet({ ...both, then: then("a") }), ["resumed"]);
  });

  it("can't revoke what no host has", async () => {
    await assertRejects(
      () => runScenario({ ...base, then: [{ revoke: "b" }] }),
      TypeError,
      'revoke must be the tag of a host with a store, received "b"',
    );
  });

  it("choose servers that share the store or not", async () => {
    const then = (store: "memory" | "own") => [
      { reconnect: { server: { store } }, expect: ok },
    ];
    assertEquals(await unmet({ ...base, then: then("memory") }), []);
    assertEquals(await unmet({ ...base, then: then("own") }), ["resumed"]);
  });

  it("choose what to resume", async () => {
    for (const session of ["first", "newest", { of: 1, ticket: 2 }] as const) {
      const then = [{ reconnect: { session }, expect: ok }];
      assertEquals(await unmet({ ...base, then }), []);
    }
    const then = [{ reconnect: { session: "none" }, expect: ok }] as const;
    assertEquals(await unmet({ ...base, then }), ["resumed"]);
  });

  it("can't resume what the client was never given", async () => {
    for (const session of [{ of: 1, ticket: 3 }, { of: 2 }]) {
      await assertRejects(
        () =>
          runScenario({
            ...base,
            then: [{ reconnect: { session }, expect: ok }],
          }),
        TypeError,
        `sessions in connection ${session.of}`,
      );
    }
  });
});

describe("A scenario is refused", () => {
  const connection = { reconnect: {}, expect: { result: "success" } };
  const cases: [what: string, more: object, message: string][] = [
    ["a misspelt name", { sever: {} }, "sever is not one of client"],
    [
      "one of a server",
      { server: { ticket: "off" } },
      "server.ticket is not one of",
    ],
    ["one of a client", { client: { host: "a" } }, "client.host is not one of"],
    [
      "one of a host",
      { server: { hosts: { "a.test": { cert: "x" } } } },
      'server.hosts."a.test".cert is not one of',
    ],
    [
      "one of a certificate",
      { server: { certificate: { host: "a" } } },
      "server.certificate.host is not one of",
    ],
    [
      "one of a fault",
      { server: { faults: [{ on: "get", fault: { kind: "error", m: 1 } }] } },
      "server.faults[0].fault.m is not one of",
    ],
    [
      "a fault of another kind",
      {
        server: {
          store: "memory",
          faults: [{ on: "get", fault: { kind: "error", ms: 10 } }],
        },
      },
      'server.faults[0].fault.ms is for "latency", received for "error"',
    ],
    [
      "faults of no store",
      { server: { faults: [{ on: "get", fault: { kind: "error" } }] } },
      "faults need a store",
    ],
    [
      "faults of a host's no store",
      {
        server: {
          store: "memory",
          hosts: {
            "a.test": { faults: [{ on: "get", fault: { kind: "error" } }] },
          },
        },
      },
      "faults need a store",
    ],
    [
      "an error of no words",
      { expect: { result: "client-fails", clientError: "" } },
      "expect.clientError must not be empty",
    ],
    [
      "a server's error of no words",
      { expect: { result: "client-fails", serverError: "" } },
      "expect.serverError must not be empty",
    ],
    ["no time", { then: [{ advance: undefined }] }, "advance is missing"],
    [
      "one of a condition",
      { server: { faults: [{ on: "get", when: { call: 1 }, fault: {} }] } },
      "server.faults[0].when.call is not one of",
    ],
    [
      "one of an expectation",
      { expect: { result: "success", ressumed: true } },
      "expect.ressumed is not one of",
    ],
    [
      "one of an alert",
      { expect: { result: "lost", alert: { by: "client" } } },
      "expect.alert.by is not one of",
    ],
    [
      "one of a network",
      { network: { delays: 1 } },
      "network.delays is not one of",
    ],
    [
      "one of a network's faults",
      { network: { toServer: { spoil: 1 } } },
      "network.toServer.spoil is not an option",
    ],
    [
      "one of a step",
      { then: [{ advanced: 1 }] },
      "then[0].advanced is not one of",
    ],
    [
      "one of a reconnection",
      { then: [{ ...connection, reconnect: { sesion: "none" } }] },
      "then[0].reconnect.sesion is not one of",
    ],
    [
      "one of a chosen session",
      { then: [{ ...connection, reconnect: { session: { off: 1 } } }] },
      "then[0].reconnect.session.off is not one of",
    ],
    [
      "one beside a step",
      { then: [{ advance: 1, b: 1 }] },
      "then[0].b is not one of",
    ],
    ["no expectation", { expect: undefined }, "expect is missing"],
    ["no result", { expect: {} }, "expect.result is missing"],
    [
      "no expectation of a step",
      { then: [{ reconnect: {} }] },
      "then[0].expect is missing",
    ],
    [
      "another result",
      { expect: { result: "succes" } },
      'expect.result must be success, client-fails, server-fails, lost, stalled, client-refuses, received "succes"',
    ],
    [
      "a number as text",
      { then: [{ advance: "1" }] },
      'then[0].advance must be a number, received "1"',
    ],
    ["text for a list", { client: { trust: "ca" } }, "must be an array"],
    ["a function", { client: { hostname: () => "a" } }, "received function"],
    [
      "null for an object",
      { server: null },
      "must be an object, received null",
    ],
    ["another end", { end: "cutt" }, "end must be close, cut, forged"],
    ["a name that isn't text", { name: 1 }, "name must be a string"],
    [
      "another certificate",
      { server: { certificate: "x" } },
      "certificate must",
    ],
    ["another root", { client: { trust: ["x"] } }, "trust must be of"],
    [
      "another issuer",
      { server: { certificate: { issuer: "x" } } },
      "issuer must be",
    ],
    [
      "what a context refuses",
      { server: { tickets: "of" } },
      "options.tickets",
    ],
  ];
  for (const [what, more, message] of cases) {
    it(`with ${what}`, async () => {
      const scenario = {
        name: "refused",
        expect: { result: "success" },
        ...more,
      } as Scenario;
      await assertRejects(() => runScenario(scenario), TypeError, message);
    });
  }

  it("that is not one of", async () => {
    for (const scenario of [null, 1, [], "x"]) {
      await assertRejects(
        () => runScenario(scenario as unknown as Scenario),
        TypeError,
        "Cannot run the scenario undefined: scenario must be an object",
      );
    }
  });

  it("with an option that doesn't exist", async () => {
    await assertRejects(
      () => runScenario(WELL, { sed: 1 } as object),
      TypeError,
      "options.sed",
    );
  });
});
