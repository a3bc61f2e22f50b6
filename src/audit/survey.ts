import { TlsError } from "../internal/tls_error.ts";
import type { AuditClient } from "./client/audit_client.ts";
import type { ClientSession } from "./client/session.ts";
import type { Visit } from "./client/visit_types.ts";
import type { ResumptionKind } from "./finding.ts";
import type { Survey } from "./probe.ts";
import { isAdmitted } from "./probes/admission.ts";

/** All kinds of resumption, the newest first. */
export const KINDS: readonly ResumptionKind[] = [
  "tls1.3",
  "tls1.2-ticket",
  "tls1.2-id",
];

/**
 * How often a resumption is tried: behind a load balancer some may meet a server that doesn't know
 * the session.
 */
const RESUMPTIONS = 3;

/** The most connections of a survey: two for each resumption, and one without a certificate. */
export const SURVEY_CONNECTIONS = KINDS.length * 2 * RESUMPTIONS + 1;

/** What was seen of one kind. */
interface Seen {
  readonly full: Visit;
  readonly summary: Survey["kinds"][ResumptionKind];
}

/**
 * Makes a full handshake and a resumption of each kind.
 *
 * @throws {TlsError} `handshake`, if no handshake completes; and what connecting fails with.
 */
export async function surveyed(client: AuditClient): Promise<Survey> {
  const seen: Seen[] = [];
  const see = async (kind: ResumptionKind): Promise<Seen["summary"]> => {
    const one = await look(client, kind);
    seen.push(one);
    return one.summary;
  };
  const kinds: Survey["kinds"] = {
    "tls1.3": await see("tls1.3"),
    "tls1.2-ticket": await see("tls1.2-ticket"),
    "tls1.2-id": await see("tls1.2-id"),
  };
  const visits = seen.map(({ full }) => full);
  const open = visits.find((visit) => visit.open);
  if (open === undefined) throw notOpen(visits);
  return {
    versions: (["TLSv1.2", "TLSv1.3"] as const).filter((version) =>
      visits.some((visit) => visit.open && visit.version === version)
    ),
    kinds,
    clientCertificate: await clientCertificateOf(client, open),
  };
}

async function look(
  client: AuditClient,
  kind: ResumptionKind,
): Promise<Seen> {
  const { expectedTickets } = client.state;
  const full = await client.visit(kind, {});
  if (kind === "tls1.3" && full.open) {
    expectedTickets.set("full", full.sessions.length);
  }
  const given = full.open && sessionOf(full, kind) !== undefined;
  let last = full;
  let resumed = 0;
  let tries = 0;
  while (given && tries < RESUMPTIONS) {
    // A session may be for one use, and its resumption give none.
    if (sessionOf(last, kind) === undefined) {
      last = await client.visit(kind, {});
    }
    const session = sessionOf(last, kind);
    tries++;
    if (session === undefined) continue;
    last = await client.visit(kind, { session });
    if (!last.resumed) continue;
    resumed++;
    if (kind === "tls1.3") {
      expectedTickets.set("resumed", last.sessions.length);
    }
  }
  const steady = resumed === tries;
  return { full, summary: { given, resumed: resumed > 0, steady } };
}

function sessionOf(
  { sessions }: Visit,
  kind: ResumptionKind,
): ClientSession | undefined {
  return sessions.find((session) => session.kind === kind);
}

async function clientCertificateOf(
  client: AuditClient,
  open: Visit,
): Promise<Survey["clientCertificate"]> {
  if (!open.certificateRequested) return "none";
  if (client.state.parts.defaults.credentials.first === undefined) {
    return isAdmitted(open) ? "requested" : "required";
  }
  const kind = open.version === "TLSv1.3" ? "tls1.3" : "tls1.2-ticket";
  const without = await client.visit(kind, { certificate: "none" });
  return isAdmitted(without) ? "requested" : "required";
}

function notOpen(visits: readonly Visit[]): TlsError {
  const [failure] = visits.flatMap(({ failure }) => failure ?? []);
  const needs = visits.some((visit) => visit.certificateRequested)
    ? "; it requested a client certificate, which the options cert and key give"
    : "";
  return new TlsError(
    "handshake",
    `Cannot audit the server: no handshake completes: ${failure?.message}${needs}`,
    { alert: failure?.alert?.replaceAll("_", " ") },
  );
}
