import type { TlsEngine } from "../tls/engine.ts";
import type { Resumption } from "../tls/resumption.ts";
import type { TlsSession } from "../tls/session.ts";
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

/** A record of application data as long as any, that nobody sealed. */
const FORGED = new Uint8Array([23, 3, 3, 0, 32, ...new Uint8Array(32)]);

/** Makes a connection, has both ends speak, ends it, and says what was seen. */
export async function visit(
  sandbox: TlsSandbox,
  plan: Visit,
): Promise<Sighting> {
  const before = countersOf(plan.server);
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
  using _ = pair;
  await pair.handshake();
  const sessions = pair.client.takeSessions();
  const seen = factsOf(pair, sessions.length);
  const faults: string[] = [];
  faults.push(...statisticsFaults(pair.server, before, plan.server));
  faults.push(...earlyDataFaults(pair.server, plan.earlyData, seen));
  if (seen.result === "success") {
    faults.push(...agreementFaults(pair));
    faults.push(...await talk(pair));
    sessions.push(...pair.client.takeSessions());
  }
  if (seen.result === "success") faults.push(...await finish(pair, plan.end));
  const after = countersOf(plan.server);
  const facts = {
    ...seen,
    lookups: after.lookups - before.lookups,
    writes: after.writes - before.writes,
    deletions: after.deletions - before.deletions,
    storeErrors: after.storeErrors - before.storeErrors,
  };
  return { facts, faults, sessions, trace: pair.trace };
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

/** What contexts count, of all that may serve a server's connections. */
function countersOf({ contexts }: ServerNode): {
  handshakes: number;
  outcomes: string;
  lookups: number;
  writes: number;
  deletions: number;
  storeErrors: number;
} {
  const all = contexts.map(({ stats }) => stats);
  const sum = (
    name: "handshakes" | "lookups" | "writes" | "deletions" | "storeErrors",
  ): number => all.reduce((total, stats) => total + stats[name], 0);
  return {
    handshakes: sum("handshakes"),
    outcomes: JSON.stringify(all.map(({ resumed, full }) => [resumed, full])),
    lookups: sum("lookups"),
    writes: sum("writes"),
    deletions: sum("deletions"),
    storeErrors: sum("storeErrors"),
  };
}

/** A server that is done counts its handshake, as what it says it was, and once. */
function statisticsFaults(
  { resumption }: TlsEngine,
  before: ReturnType<typeof countersOf>,
  server: ServerNode,
): string[] {
  const counted = countersOf(server).handshakes - before.handshakes;
  const due = resumption === null ? 0 : 1;
  if (counted !== due) {
    return [`the server's statistics count ${counted} handshakes, not ${due}`];
  }
  if (resumption === null) return [];
  const word = resumption.resumed ? resumption.from : resumption.reason;
  const kind = resumption.resumed ? "resumed" : "full";
  const isCounted = server.contexts.some(({ stats }) => word in stats[kind]);
  return isCounted
    ? []
    : [`the server's statistics don't count ${kind}: ${word}`];
}

/** A server reads early data if the client is told so, and only then. */
function earlyDataFaults(
  server: TlsEngine,
  sent: string | undefined,
  { earlyData }: ScenarioExpectation,
): string[] {
  const read = new TextDecoder().decode(server.readEarlyData());
  const due = earlyData === "accepted" ? sent : "";
  // It comes before the server knows whether the handshake comes to an end.
  if (read === due || earlyData === null) return [];
  return [
    `the server read ${JSON.stringify(read)} as early data, not ${
      JSON.stringify(due)
    }`,
  ];
}

/** What the ends say of a connection must be the same. */
function agreementFaults({ client, server }: TlsPair): string[] {
  const faults: string[] = [];
  const of = (
    name: "protocol" | "cipher" | "alpnProtocol" | "resumed",
  ): void => {
    const [one, other] = [client.info?.[name], server.info?.[name]];
    if (one === other) return;
    faults.push(`the client says ${name} ${one}, and the server ${other}`);
  };
  of("protocol");
  of("cipher");
  of("alpnProtocol");
  of("resumed");
  const [one, other] = [client, server].map((engine) =>
    engine.exportKeyingMaterial(32, "EXPERIMENTAL scenario").join()
  );
  if (one !== other) faults.push("the ends derive different keys");
  return faults;
}

async function talk(pair: TlsPair): Promise<string[]> {
  const faults: string[] = [];
  for (const from of ["client", "server"] as const) {
    const heard = new TextDecoder().decode(
      await pair.say(from, `from the ${from}`),
    );
    if (heard === `from the ${from}`) continue;
    faults.push(
      `what the ${from} sent came as ${JSON.stringify(heard)}`,
    );
  }
  return faults;
}

async function finish(pair: TlsPair, end: ScenarioEnd): Promise<string[]> {
  if (end === "cut") {
    pair.network.end("client");
    await pair.run();
  } else if (end === "forged") {
    try {
      pair.server.receive(FORGED);
    } catch {
      // It is in `error`, and told to the client.
    }
    await pair.run();
  } else {
    await pair.close();
  }
  const isClean = end === "close";
  return ([["client", pair.client], ["server", pair.server]] as const)
    .filter(([, { state }]) => isClean !== (state === "closed"))
    .map(([name, { state }]) =>
      `the ${name} is ${state} after the end by ${end}`
    );
}
