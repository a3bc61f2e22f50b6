/** What is to go wrong in a scenario, and mustn't be left out unheard. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runScenario, type Scenario } from "../../../src/testing/scenario.ts";

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
