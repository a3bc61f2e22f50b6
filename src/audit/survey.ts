import { TlsError } from "../internal/tls_error.ts";
import type { AuditClient } from "./client/audit_client.ts";
import { isSilent } from "./client/time_limits.ts";
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
export const SURVEY_RESUMPTIONS = 3;

/**
 * The most connections of a survey: of each kind one that may fail and two for each resumption,
 * each of which may have to be made again, and one without a client certificate.
 */
export const SURVEY_CONNECTIONS =
  2 * KINDS.length * (1 + 2 * SURVEY_RESUMPTIONS) + 1;

/** The groups that are tried where a handshake with OpenSSL's own ones fails. */
const OTHER_GROUPS = [
  "X25519:P-256:X448:P-384:P-521:ffdhe2048:ffdhe3072",
  "brainpoolP256r1tls13:brainpoolP384r1tls13:brainpoolP512r1tls13",
  "brainpoolP256r1:brainpoolP384r1:brainpoolP512r1",
].join(":");

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
  const seen: Record<ResumptionKind, Seen> = {
    "tls1.3": await look(client, "tls1.3"),
    "tls1.2-ticket": await look(client, "tls1.2-ticket"),
    "tls1.2-id": await look(client, "tls1.2-id"),
  };
  await lookOtherwise(client, seen);
  const visits = KINDS.map((kind) => seen[kind].full);
  const open = visits.find((visit) => visit.open);
  if (open === undefined) {
    const { first } = client.state.parts.defaults.credentials;
    throw notOpen(visits, first !== undefined);
  }
  return {
    versions: (["TLSv1.2", "TLSv1.3"] as const).filter((version) =>
      visits.some((visit) => visit.open && visit.version === version)
    ),
    kinds: {
      "tls1.3": seen["tls1.3"].summary,
      "tls1.2-ticket": seen["tls1.2-ticket"].summary,
      "tls1.2-id": seen["tls1.2-id"].summary,
    },
    clientCertificate: await clientCertificateOf(client, open),
    otherGroups: client.state.groups !== undefined,
  };
}

/**
 * Looks again at what failed with OpenSSL's groups, whose first is a post-quantum one: there are
 * servers that can't take so large a hello, and some that have none of the groups.
 */
async function lookOtherwise(
  client: AuditClient,
  seen: Record<ResumptionKind, Seen>,
): Promise<void> {
  // A server that answers nothing is silent for another reason.
  if (KINDS.every((kind) => isSilent(seen[kind].full))) return;
  let isNeeded = false;
  client.state.groups = OTHER_GROUPS;
  for (const kind of KINDS) {
    if (!mayNeedOtherGroups(seen[kind].full)) continue;
    seen[kind] = await look(client, kind);
    isNeeded ||= seen[kind].full.open;
  }
  if (!isNeeded) client.state.groups = undefined;
}

function mayNeedOtherGroups({ open, failure }: Visit): boolean {
  return !open && failure?.alert !== "protocol_version" &&
    failure?.alert !== "no_application_protocol" &&
    failure?.alert !== "unrecognized_name";
}

async function look(
  client: AuditClient,
  kind: ResumptionKind,
): Promise<Seen> {
  const { expectedTickets } = client.state;
  const full = await visit(client, kind);
  if (kind === "tls1.3" && full.open) {
    expectedTickets.set("full", full.sessions.length);
  }
  const given = full.open && sessionOf(full, kind) !== undefined;
  let last = full;
  let resumed = 0;
  let tries = 0;
  while (given && tries < SURVEY_RESUMPTIONS) {
    // A session may be for one use, and its resumption give none.
    if (sessionOf(last, kind) === undefined) {
      last = await visit(client, kind);
    }
    const session = sessionOf(last, kind);
    tries++;
    if (session === undefined) continue;
    last = await visit(client, kind, session);
    if (!last.resumed) continue;
    resumed++;
    if (kind === "tls1.3") {
      expectedTickets.set("resumed", last.sessions.length);
    }
  }
  const steady = resumed === tries;
  return { full, summary: { given, resumed: resumed > 0, steady } };
}

/** Makes a connection. One that can't be made is made again, unless it is the first of all. */
async function visit(
  client: AuditClient,
  kind: ResumptionKind,
  session?: ClientSession,
): Promise<Visit> {
  const options = session === undefined ? {} : { session };
  try {
    return await client.visit(kind, options);
  } catch (error) {
    client.state.parts.signal.throwIfAborted();
    if (client.connections === 1) throw error;
    return await client.visit(kind, options);
  }
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

/** What gives a server what it asks for, by its alert. */
const NEEDS: ReadonlyMap<string, string> = new Map([
  ["no_application_protocol", "; the option alpnProtocols offers one (--alpn)"],
  ["unrecognized_name", "; the option names gives another name (--name)"],
]);

function notOpen(
  visits: readonly Visit[],
  hasCertificate: boolean,
): TlsError {
  const [failure] = visits.flatMap(({ failure }) => failure ?? []);
  const needs = visits.some((visit) => visit.certificateRequested)
    ? hasCertificate
      ? "; it requested a client certificate: give one that it accepts (--cert, --key)"
      : "; it requested a client certificate, which the options cert and key give (--cert, --key)"
    : NEEDS.get(failure?.alert ?? "") ?? "";
  return new TlsError(
    "handshake",
    `Cannot audit the server: no handshake completes: ${failure?.message}${needs}`,
    { alert: failure?.alert?.replaceAll("_", " ") },
  );
}
