import type { TlsEngine } from "../../tls/engine/engine.ts";
import type { Resumption } from "../../tls/sessions/resumption.ts";
import type { SessionStats } from "../../tls/sessions/session_stats.ts";
import type { Defined } from "./validation.ts";
import type { ScenarioExpectation, ScenarioResult } from "./types.ts";
import type { ServerNode } from "./environment.ts";
import type { TlsPair } from "../pair.ts";
import type { Trace, TraceAlertEvent } from "../trace.ts";

/** The facts of a connection that a scenario may expect. */
export type ScenarioFacts = Required<Defined<ScenarioExpectation>>;

/** The facts of a connection that didn't begin. */
export const NOTHING: Omit<
  ScenarioFacts,
  "result" | "clientError"
> = {
  alert: null,
  serverError: null,
  protocol: null,
  cipher: null,
  signature: null,
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
  injected: 0,
  elapsed: 0,
};

/** The facts of a connection after its handshake. */
export function scenarioFacts(
  { client, server, trace }: TlsPair,
  sessions: number,
): ScenarioFacts {
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
    signature: signatureOf(trace),
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

/** The first fatal alert that an endpoint sent. */
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
): Pick<ScenarioFacts, "resumed" | "from" | "reason"> {
  if (resumption === null) return { resumed: null, from: null, reason: null };
  return resumption.resumed
    ? { resumed: true, from: resumption.from, reason: null }
    : { resumed: false, from: null, reason: resumption.reason };
}

function sessionIdOf(trace: Trace): ScenarioFacts["sessionId"] {
  const offered = trace.messages({ name: "ClientHello" }).at(-1)?.message;
  const chosen = trace.messages({ name: "ServerHello" }).at(-1)?.message;
  if (chosen === undefined) return null;
  if (chosen.sessionId === "") return "none";
  return chosen.sessionId === offered?.sessionId ? "echoed" : "new";
}

function signatureOf(trace: Trace): string | null {
  const from = "server";
  const [proof] = [
    ...trace.messages({ from, name: "CertificateVerify" }),
    ...trace.messages({ from, name: "ServerKeyExchange" }),
  ];
  return proof?.message.algorithm ?? null;
}

/** The statistics of a server, by context. */
export function statsOf({ contexts }: ServerNode): SessionStats[] {
  return contexts.map(({ stats }) => stats);
}

/** The counts of calls of stores, over all contexts. */
export function storeFacts(
  before: readonly SessionStats[],
  after: readonly SessionStats[],
): Pick<
  ScenarioFacts,
  "lookups" | "writes" | "deletions" | "storeErrors"
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
