import { optionPathOf } from "../../internal/option_error.ts";
import { TlsError } from "../../internal/tls_error.ts";
import type { TlsSession } from "../../tls/sessions/session.ts";
import type { SessionStats } from "../../tls/sessions/session_stats.ts";
import {
  NOTHING,
  type ScenarioFacts,
  scenarioFacts,
  statsOf,
  storeFacts,
} from "./facts.ts";
import {
  agreementViolations,
  dataViolations,
  earlyDataViolations,
  endViolations,
  networkViolations,
  statisticsViolations,
} from "./invariants.ts";
import type { ClientNode, ServerNode } from "./environment.ts";
import type { ScenarioEnd, ScenarioNetwork } from "./types.ts";
import { createTlsPair, type TlsPair } from "../pair.ts";
import type { TlsSandbox } from "../sandbox.ts";
import type { Trace } from "../trace.ts";

/** The plan of a connection. */
export interface ConnectionPlan {
  readonly client: ClientNode;
  readonly server: ServerNode;
  readonly session: TlsSession | undefined;
  readonly earlyData: string | undefined;
  readonly network: ScenarioNetwork;
  readonly end: ScenarioEnd;
  /** Returns the number of violations of stores so far. */
  readonly injected: () => number;
}

/** The observation of a connection. */
export interface Observation {
  /** Its facts, which are compared with the expectations. */
  readonly facts: ScenarioFacts;
  /** Its violations, which no expectation allows. */
  readonly violations: readonly string[];
  /** The sessions that the client received. */
  readonly sessions: readonly TlsSession[];
  /** Its trace; `null` if the client didn't connect. */
  readonly trace: Trace | null;
}

/** Runs a connection: handshake, data both ways and its end. */
export async function runConnection(
  sandbox: TlsSandbox,
  plan: ConnectionPlan,
): Promise<Observation> {
  const before = statsOf(plan.server);
  const pair = newPair(sandbox, plan);
  if (pair instanceof Error) {
    return {
      facts: {
        ...NOTHING,
        result: "client-refuses",
        clientError: pair.message,
      },
      violations: networkViolations(plan.network, null),
      sessions: [],
      trace: null,
    };
  }
  try {
    return await runPair(pair, plan, before);
  } finally {
    pair[Symbol.dispose]();
  }
}

async function runPair(
  pair: TlsPair,
  plan: ConnectionPlan,
  before: readonly SessionStats[],
): Promise<Observation> {
  const start = pair.clock.now();
  const injected = plan.injected();
  await pair.handshake();
  const sessions = pair.client.takeSessions();
  const seen = scenarioFacts(pair, sessions.length);
  const { resumption } = pair.server;
  const early = pair.server.readEarlyData();
  const violations = [
    ...statisticsViolations(resumption, before, statsOf(plan.server)),
    ...earlyDataViolations(early, plan.earlyData ?? "", seen.earlyData),
  ];
  if (seen.result === "success") {
    const bad = [...agreementViolations(pair), ...await dataViolations(pair)];
    // A connection that doesn't carry data can't end as planned.
    if (bad.length === 0) bad.push(...await endViolations(pair, plan.end));
    violations.push(...bad);
  }
  violations.push(...networkViolations(plan.network, pair.trace));
  const facts = {
    ...seen,
    ...storeFacts(before, statsOf(plan.server)),
    injected: plan.injected() - injected,
    elapsed: pair.clock.now() - start,
  };
  return { facts, violations, sessions, trace: pair.trace };
}

/** A pair before its handshake, or the error for which the client doesn't connect. */
function newPair(sandbox: TlsSandbox, plan: ConnectionPlan): TlsPair | Error {
  const { client, server, session, earlyData, network } = plan;
  try {
    return createTlsPair({
      sandbox,
      client: {
        ...client,
        ...(session && { session }),
        ...(earlyData !== undefined && {
          earlyData: new TextEncoder().encode(earlyData),
        }),
      },
      server: { context: server.context },
      network,
    });
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

/** The options of a client that depend on the server it connects to. */
const CLIENT_OPTIONS: readonly unknown[] = ["earlyData", "hostname", "session"];

/** Whether the client refuses to connect to this server; other errors are mistakes. */
function isRefusal(error: unknown): error is Error {
  if (error instanceof TlsError) return true;
  const [endpoint, option] = optionPathOf(error) ?? [];
  return endpoint === "client" && CLIENT_OPTIONS.includes(option);
}
