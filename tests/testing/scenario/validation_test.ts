/** Which scenarios are refused, and in what words. */
import { assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runScenario, type Scenario } from "../../../src/testing/scenario.ts";
import { WELL } from "./setup.ts";

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
