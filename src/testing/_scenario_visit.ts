import type { TlsEngine } from "../tls/engine.ts";
import type { Resumption } from "../tls/resumption.ts";
import type { TlsSession } from "../tls/session.ts";
import type { SessionStats } from "../tls/session_stats.ts";
import {
  agreementFaults,
  earlyDataFaults,
  endFaults,
  statisticsFaults,
  talkFaults,
} from "./_scenario_faults.ts";
import type { ClientNode, ServerNode } from "./_scenario_world.ts";
import type {
  ScenarioEnd,
  ScenarioExpectation,
  ScenarioNetwork,
  ScenarioResult,
} from "./_scenario_types.ts";
import { createTlsPair, type TlsPair } from "./pair.ts";
import type { TlsSandbox } from "./sandbox.ts";
import type { Trace, TraceAlertEvent } from "./trace.ts";

/** How a connection is to be made. */
export interface Visit {
  readonly client: ClientNode;
  readonly server: ServerNode;
  readonly session: TlsSession | undefined;
  readonly earlyData: string | undefined;
  readonly network: ScenarioNetwork;
  readonly end: ScenarioEnd;
}

/** What was seen of a connection. */
export interface Sighting {
  /** What is expected of connections, as it is. */
  readonly facts: Required<ScenarioExpectation>;
  /** What must not be, whatever is expected. */
  readonly faults: readonly string[];
  /** The sessions that the client was given. */
  readonly sessions: readonly TlsSession[];
  /** What happened; `null` if the client didn't begin. */
  readonly trace: Trace | null;
}

/** What is known where nothing has happened. */
const NOTHING: Omit<Required<ScenarioExpectation>, "result" | "clientError"> = {
  alert: null,
  serverError: null,
  protocol: null,
  cipher: null,
  group: null,
  alpn: null,
  serverName: null,
  resumed: null,
  from: null,
  reason: null,
  sessionId: null,
  tickets: 0,
  ticketLifetime: null,
  sessions: 0,
  helloRetry: false,
  certificateRequest: false,
  serverCertificate: null,
  clientCertificate: null,
  earlyData: null,
  lookups: 0,
  writes: 0,
  deletions: 0,
  storeErrors: 0,
};

/** Makes a connection, has both ends speak, ends it, and says what was seen. */
export async function visit(
  sandbox: TlsSandbox,
  plan: Visit,
): Promise<Sighting> {
  const before = statsOf(plan.server);
  const pair = newPair(sandbox, plan);
  if (pair instanceof Error) {
    return {
      facts: {
        ...NOTHING,
        result: "client-refuses",
        clientError: pair.message,
      },
      faults: [],
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
  plan: Visit,
  before: readonly SessionStats[],
): Promise<Sighting> {
  await pair.handshake();
  const sessions = pair.client.takeSessions();
  const seen = factsOf(pair, sessions.length);
  const { resumption } = pair.server;
  const early = pair.server.readEarlyData();
  const faults = [
    ...statisticsFaults(resumption, before, statsOf(plan.server)),
    ...earlyDataFaults(early, plan.earlyData ?? "", seen.earlyData),
  ];
  if (seen.result === "success") {
    const bad = [...agreementFaults(pair), ...await talkFaults(pair)];
    // One that doesn't work comes to no good end.
    if (bad.length === 0) bad.push(...await endFaults(pair, plan.end));
    faults.push(...bad);
  }
  const facts = { ...seen, ...storeFacts(before, statsOf(plan.server)) };
  return { facts, faults, sessions, trace: pair.trace };
}

function statsOf({ contexts }: ServerNode): SessionStats[] {
  return contexts.map(({ stats }) => stats);
}

/** What was asked of stores, of whichever context. */
function storeFacts(
  before: readonly SessionStats[],
  after: readonly SessionStats[],
): Required<
  Pick<
    ScenarioExpectation,
    "lookups" | "writes" | "deletions" | "storeErrors"
  >
> {
  const grown = (
    name: "lookups" | "writes" | "deletions" | "storeErrors",
  ): number =>
    after.reduce(
      (sum, stats, i) => sum + stats[name] - (before[i]?.[name] ?? 0),
      0,
    );
  return {
    lookups: grown("lookups"),
    writes: grown("writes"),
    deletions: grown("deletions"),
    storeErrors: grown("storeErrors"),
  };
}

/** Engines that have yet to speak, or why the client won't. */
function newPair(sandbox: TlsSandbox, plan: Visit): TlsPair | Error {
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
    // What the network refuses isn't the client's word.
    const isClients = error instanceof Error &&
      !error.message.startsWith("network");
    if (isClients) return error;
    throw error;
  }
}

function factsOf(
  { client, server, trace }: TlsPair,
  sessions: number,
): Required<ScenarioExpectation> {
  const info = server.info ?? client.info;
  const alert = firstAlert(trace);
  const tickets = trace.messages({ from: "server", name: "NewSessionTicket" });
  return {
    ...NOTHING,
    ...resumptionFacts(server.resumption),
    result: resultOf(client, server, alert),
    alert: alert ? { from: alert.from, name: alert.name } : null,
    clientError: errorOf(client),
    serverError: errorOf(server),
    protocol: info?.protocol ?? null,
    cipher: info?.cipher ?? null,
    group: info?.group ?? null,
    alpn: info?.alpnProtocol ?? null,
    serverName: server.info?.serverName ?? null,
    sessionId: sessionIdOf(trace),
    tickets: tickets.length,
    ticketLifetime: tickets.at(-1)?.message.lifetime ?? null,
    sessions,
    helloRetry: trace.messages({ name: "HelloRetryRequest" }).length > 0,
    certificateRequest: trace.messages({ name: "CertificateRequest" }).length >
      0,
    serverCertificate: client.info?.peerCertificate?.subject ?? null,
    clientCertificate: server.info?.peerCertificate?.subject ?? null,
    earlyData: client.info?.earlyData ?? null,
  };
}

function resultOf(
  client: TlsEngine,
  server: TlsEngine,
  alert: TraceAlertEvent | undefined,
): ScenarioResult {
  const states = [client.state, server.state];
  if (alert) return `${alert.from}-fails`;
  if (states.includes("failed")) return "lost";
  return states.every((state) => state === "open") ? "success" : "stalled";
}

/** The first alert that ends the connection: one that an end really sent in it. */
function firstAlert({ events }: Trace): TraceAlertEvent | undefined {
  return events.find((event): event is TraceAlertEvent =>
    event.type === "alert" && event.level === "fatal" &&
    event.arrival !== "injected"
  );
}

function errorOf({ error }: TlsEngine): string | null {
  return error?.message ?? null;
}

function resumptionFacts(
  resumption: Resumption | null,
): Pick<Required<ScenarioExpectation>, "resumed" | "from" | "reason"> {
  if (resumption === null) return { resumed: null, from: null, reason: null };
  return resumption.resumed
    ? { resumed: true, from: resumption.from, reason: null }
    : { resumed: false, from: null, reason: resumption.reason };
}

function sessionIdOf(trace: Trace): Required<ScenarioExpectation>["sessionId"] {
  const offered = trace.messages({ name: "ClientHello" }).at(-1)?.message;
  const chosen = trace.messages({ name: "ServerHello" }).at(-1)?.message;
  if (chosen === undefined) return null;
  if (chosen.sessionId === "") return "none";
  return chosen.sessionId === offered?.sessionId ? "echoed" : "new";
}
