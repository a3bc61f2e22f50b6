import { TlsError } from "../internal/tls_error.ts";
import type { AuditClient } from "./client/audit_client.ts";
import type { Visit } from "./client/visit_types.ts";
import type { ResumptionKind } from "./finding.ts";
import type { Survey } from "./probe.ts";

/** All kinds of resumption, the newest first. */
export const KINDS: readonly ResumptionKind[] = [
  "tls1.3",
  "tls1.2-ticket",
  "tls1.2-id",
];

/** The most connections of a survey: two of each kind, and one without a certificate. */
export const SURVEY_CONNECTIONS = 2 * KINDS.length + 1;

/**
 * Makes a full handshake and a resumption of each kind.
 *
 * @throws {TlsError} `handshake`, if no handshake completes; and what connecting fails with.
 */
export async function surveyed(client: AuditClient): Promise<Survey> {
  const full = new Map<ResumptionKind, Visit>();
  const resumed = new Map<ResumptionKind, boolean>();
  for (const kind of KINDS) {
    const first = await client.visit(kind, {});
    full.set(kind, first);
    const session = first.sessions.find((one) => one.kind === kind);
    if (!first.open || session === undefined) continue;
    const second = await client.visit(kind, { session });
    resumed.set(kind, second.resumed);
    if (kind !== "tls1.3") continue;
    client.state.expectedTickets.set("full", first.sessions.length);
    if (second.resumed) {
      client.state.expectedTickets.set("resumed", second.sessions.length);
    }
  }
  const open = [...full.values()].find((visit) => visit.open);
  if (open === undefined) throw notOpen([...full.values()]);
  return {
    versions: (["TLSv1.2", "TLSv1.3"] as const).filter((version) =>
      [...full.values()].some((one) => one.open && one.version === version)
    ),
    kinds: {
      "tls1.3": summaryOf("tls1.3"),
      "tls1.2-ticket": summaryOf("tls1.2-ticket"),
      "tls1.2-id": summaryOf("tls1.2-id"),
    },
    clientCertificate: await clientCertificateOf(client, open),
  };

  function summaryOf(kind: ResumptionKind): Survey["kinds"][ResumptionKind] {
    return { given: resumed.has(kind), resumed: resumed.get(kind) ?? false };
  }
}

async function clientCertificateOf(
  client: AuditClient,
  open: Visit,
): Promise<Survey["clientCertificate"]> {
  if (!open.certificateRequested) return "none";
  if (client.state.parts.defaults.credentials.first === undefined) {
    return "requested";
  }
  const kind = open.version === "TLSv1.3" ? "tls1.3" : "tls1.2-ticket";
  const without = await client.visit(kind, { certificate: "none" });
  return without.open ? "requested" : "required";
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
