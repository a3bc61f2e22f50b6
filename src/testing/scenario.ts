/**
 * Connections as data: who is connected to whom, what happens in between, and what is
 * expected of each.
 *
 * @module
 */

import { NO_OPTIONS, ownOptions } from "../internal/own_options.ts";
import type { TlsSession } from "../tls/sessions/session.ts";
import { checkScenario } from "./scenario/check.ts";
import {
  compare,
  reportOf,
  type ScenarioMismatch,
  type ScenarioReport,
} from "./scenario/report.ts";
import { defined } from "./scenario/validation.ts";
import type {
  Scenario,
  ScenarioConnection,
  ScenarioReconnect,
} from "./scenario/types.ts";
import {
  type ConnectionPlan,
  type Observation,
  runConnection,
} from "./scenario/connection.ts";
import {
  type ClientNode,
  ScenarioEnvironment,
  type ServerNode,
} from "./scenario/environment.ts";
import { AssertionError } from "./assertions.ts";
import type { Seed } from "./entropy.ts";

export type * from "./scenario/peers.ts";
export type * from "./scenario/types.ts";
export type { ScenarioMismatch, ScenarioReport } from "./scenario/report.ts";

/** Options of {@linkcode runScenario}. */
export interface ScenarioOptions {
  /**
   * What all that looks random is made from, but for the certificates that have names: they
   * are the same with each seed. By default the scenario's name.
   */
  seed?: Seed | undefined;
}

/**
 * Runs a scenario, with real OpenSSL in memory and on a clock of its own, and checks all that
 * it expects: by what the ends say, by the server's statistics, and by what went over the
 * wire. The same seed gives the same bytes.
 *
 * Connections that are established must be alike at both ends, carry data both ways and end
 * as they are to end, and what is to go wrong with the network or a store must happen,
 * whatever is expected.
 *
 * The form follows the idea of OpenSSL's own test/ssl-tests (client, server, expected result,
 * alert, resumption); the scenarios in tests/scenarios are our own.
 *
 * @throws {TypeError} If the scenario is not made as {@linkcode Scenario} says: names that
 * don't exist are refused, as are faults of a store that isn't there, what isn't for their
 * kind, and the revocation of a tag that no host has. Or if an option of a context, or the network, is not of its type.
 * @throws {RangeError} If one is out of its range.
 * @throws {TlsError} `certificate` or `configuration`, as by `TlsContext`.
 *
 * @example A session that expires
 * ```ts
 * import { runScenario, type Scenario } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const scenario: Scenario = {
 *   name: "a ticket lives for an hour",
 *   server: { tickets: "stateless", sessionTimeout: 3600 },
 *   expect: { result: "success", resumed: false, tickets: 2 },
 *   then: [
 *     { advance: 3600 },
 *     {
 *       reconnect: { session: "first" },
 *       expect: { result: "success", resumed: true, from: "ticket" },
 *     },
 *     { advance: 1 },
 *     {
 *       reconnect: { session: "first" },
 *       expect: { result: "success", resumed: false, reason: "expired" },
 *     },
 *   ],
 * };
 * const report = await runScenario(scenario);
 * assertEquals(report.ok, true, String(report));
 * ```
 *
 * @example What is wrong, in words
 * ```ts
 * import { runScenario } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const report = await runScenario({
 *   name: "a server of yesterday",
 *   server: { certificate: "expired" },
 *   expect: {
 *     result: "client-fails",
 *     alert: { from: "client", name: "bad_certificate" },
 *   },
 * });
 * assertEquals(report.mismatches.map(({ text }) => text), [
 *   "expected alert bad_certificate from the client, " +
 *   "found certificate_expired from the client",
 * ]);
 * ```
 */
export async function runScenario(
  scenario: Scenario,
  options: ScenarioOptions = {},
): Promise<ScenarioReport> {
  const { seed } = ownOptions(options, { seed: true });
  checkScenario(scenario);
  const own = ownOptions(scenario);
  const environment = new ScenarioEnvironment(seed ?? own.name);
  try {
    return await runIn(environment, own);
  } finally {
    environment[Symbol.dispose]();
  }
}

/**
 * {@linkcode runScenario}, for tests.
 *
 * @throws {AssertionError} If anything isn't as expected: with all of it in words, and what
 * went over the wire.
 *
 * @example
 * ```ts
 * import { assertScenario } from "@sesame/tls/testing";
 *
 * await assertScenario({
 *   name: "a client without a certificate",
 *   server: { clientAuth: "require" },
 *   expect: {
 *     result: "server-fails",
 *     alert: { from: "server", name: "certificate_required" },
 *   },
 * });
 * ```
 */
export async function assertScenario(
  scenario: Scenario,
  options: ScenarioOptions = {},
): Promise<void> {
  const report = await runScenario(scenario, options);
  if (!report.ok) throw new AssertionError(String(report));
}

async function runIn(
  environment: ScenarioEnvironment,
  scenario: Scenario,
): Promise<ScenarioReport> {
  const { name, expect, then = [], network, end } = scenario;
  const run = new ScenarioRun(scenario, environment);
  const steps = [
    {
      reconnect: { ...(network && { network }), ...(end && { end }) },
      expect,
    },
    ...then,
  ];
  const expected: ScenarioConnection[] = [];
  for (const step of steps) {
    if ("advance" in step) {
      environment.sandbox.clock.advance(1000 * step.advance);
    } else if ("revoke" in step) environment.stores.revoke(step.revoke);
    else {
      await run.connect(step.reconnect);
      expected.push(step);
    }
  }
  const mismatches = run.observations.flatMap((observation, i) =>
    compare(i + 1, expected[i]?.expect ?? expect, observation)
  );
  const idle = environment.stores.idle.map((text): ScenarioMismatch => ({
    connection: null,
    expectation: null,
    text,
  }));
  return reportOf(
    name,
    environment.sandbox.seed,
    [...mismatches, ...idle],
    run.observations.map(({ trace }) => trace),
  );
}

/** The connections of a scenario, so far. */
class ScenarioRun {
  readonly observations: Observation[] = [];
  readonly #scenario: Scenario;
  readonly #environment: ScenarioEnvironment;
  readonly #first: { readonly client: ClientNode; readonly server: ServerNode };
  #client: ClientNode;
  #server: ServerNode;

  constructor(scenario: Scenario, environment: ScenarioEnvironment) {
    this.#scenario = scenario;
    this.#environment = environment;
    this.#client = environment.client(scenario.client ?? {});
    this.#server = environment.server(scenario.server ?? {});
    this.#first = { client: this.#client, server: this.#server };
  }

  async connect(plan: ScenarioReconnect): Promise<void> {
    const own = ownOptions(plan);
    const { client, server, earlyData, end = "close" } = own;
    const { network = NO_OPTIONS } = own;
    if (client === "first") this.#client = this.#first.client;
    else if (client) {
      const options = { ...this.#scenario.client, ...defined(client) };
      this.#client = this.#environment.client(options);
    }
    if (server === "first") this.#server = this.#first.server;
    else if (server) {
      const options = { ...this.#scenario.server, ...defined(server) };
      this.#server = this.#environment.server(options);
    }
    const next: ConnectionPlan = {
      client: this.#client,
      server: this.#server,
      session: this.#session(own.session),
      earlyData,
      network,
      end,
      injected: () => this.#environment.stores.injected,
    };
    this.observations.push(
      await runConnection(this.#environment.sandbox, next),
    );
  }

  #session(
    choice: ScenarioReconnect["session"] = "newest",
  ): TlsSession | undefined {
    const given = this.observations.map(({ sessions }) => sessions);
    if (choice === "none") return undefined;
    if (choice === "newest") return given.flat().at(-1);
    const { of, ticket } = choice === "first" ? { of: 1, ticket: 1 } : choice;
    const sessions = given[of - 1] ?? [];
    const session = ticket === undefined
      ? sessions.at(-1)
      : sessions[ticket - 1];
    if (session) return session;
    throw new TypeError(
      `Cannot run the scenario ${
        JSON.stringify(this.#scenario.name)
      }: connection ${of} gave the client ${sessions.length} sessions, and number ${
        ticket ?? 1
      } is to be resumed`,
    );
  }
}
