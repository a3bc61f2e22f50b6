import { optionPathOf } from "../../internal/option_error.ts";
import { TlsError } from "../../internal/tls_error.ts";
import type { TlsSession } from "../../tls/sessions/session.ts";
import type { SessionStats } from "../../tls/sessions/session_stats.ts";
import {
  factsOf,
  NOTHING,
  type ScenarioFacts,
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

/** How a connection is to be made. */
export interface ConnectionPlan {
  readonly client: ClientNode;
  readonly server: ServerNode;
  readonly session: TlsSession | undefined;
  readonly earlyData: string | undefined;
  readonly network: ScenarioNetwork;
  readonly end: ScenarioEnd;
  /** How many faults of stores there were so far. */
  readonly injected: () => number;
}

/** What was seen of a connection. */
export interface Observation {
  /** What is expected of connections, as it is. */
  readonly facts: ScenarioFacts;
  /** What must not be, whatever is expected. */
  readonly faults: readonly string[];
  /** The sessions that the client was given. */
  readonly sessions: readonly TlsSession[];
  /** What happened; `null` if the client didn't begin. */
  readonly trace: Trace | null;
}

/** Makes a connection, has both ends speak, ends it, and says what was seen. */
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
      faults: networkViolations(plan.network, null),
      sessions: [],
      trace: null,
    };
  }
  try {
    return await meet(pair, plan, before);
  } finally {
    pair[Symbol.dispose]();
  }
}

async function meet(
  pair: TlsPair,
  plan: ConnectionPlan,
  before: readonly SessionStats[],
): Promise<Observation> {
  const start = pair.clock.now();
  const injected = plan.injected();
  await pair.handshake();
  const sessions = pair.client.takeSessions();
  const seen = factsOf(pair, sessions.length);
  const { resumption } = pair.server;
  const early = pair.server.readEarlyData();
  const faults = [
    ...statisticsViolations(resumption, before, statsOf(plan.server)),
    ...earlyDataViolations(early, plan.earlyData ?? "", seen.earlyData),
  ];
  if (seen.result === "success") {
    const bad = [...agreementViolations(pair), ...await dataViolations(pair)];
    // One that doesn't work comes to no good end.
    if (bad.length === 0) bad.push(...await endViolations(pair, plan.end));
    faults.push(...bad);
  }
  faults.push(...networkViolations(plan.network, pair.trace));
  const facts = {
    ...seen,
    ...storeFacts(before, statsOf(plan.server)),
    injected: plan.injected() - injected,
    elapsed: pair.clock.now() - start,
  };
  return { facts, faults, sessions, trace: pair.trace };
}

/** Engines that have yet to speak, or why the client won't. */
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
