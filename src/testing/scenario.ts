/**
 * Scenarios: connections of clients to servers as plain data, with expected results.
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
   * The seed of all randomness, except for the named certificates, which are the same for
   * every seed. By default the scenario's name.
   */
  seed?: Seed | undefined;
}

/**
 * Runs a scenario in memory, on a clock of its own, and compares the result with what it
 * expects. The facts come from the endpoints, the server's statistics and the bytes on the
 * wire. The same seed sends the same bytes.
 *
 * Whatever a scenario expects, the endpoints of an established connection must report the
 * same parameters, exchange data both ways and end as planned, and each planned fault of the
 * network or of a store must happen.
 *
 * OpenSSL's own `test/ssl-tests` describe client, server, expected result, alert and
 * resumption in a similar form.
 *
 * @throws {TypeError} If the scenario doesn't have the shape of {@linkcode Scenario}: unknown
 * names, faults of a store that doesn't exist, fields of another kind of fault, and the
 * revocation of a tag that no host has. Also if an option of a context or of the network has
 * the wrong type.
 * @throws {RangeError} If an option is out of range.
 * @throws {TlsError} `certificate` or `configuration`, as `TlsContext` throws.
 *
 * @example An expired session
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
 * @example The text of a mismatch
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
 * Runs a scenario as {@linkcode runScenario} does, and throws if it has a mismatch.
 *
 * @throws {AssertionError} If there is a mismatch. The message has all of them, and the
 * traces of their connections.
 *
 * @example A client without a certificate
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

/** A scenario that is being run, with its connections so far. */
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
      }: the client received ${sessions.length} sessions in connection ${of}, and session ${
        ticket ?? 1
      } is to be resumed`,
    );
  }
}
