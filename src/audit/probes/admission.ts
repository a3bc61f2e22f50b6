import type { Visit, VisitOptions } from "../client/visit_types.ts";
import type { Probing } from "../probe.ts";
import { http2Status } from "../http2.ts";
import { failureOf } from "./trial.ts";

/**
 * The statuses of HTTP by which servers turn a client away for its certificate after the
 * handshake: of RFC 9110, among them 421 (Misdirected Request), and nginx's 495 and 496.
 */
const REFUSALS: ReadonlySet<number | null> = new Set(
  [400, 401, 403, 421, 495, 496],
);

/** The bytes that a status line of HTTP has up to its reason. */
const STATUS_BYTES = 13;

/**
 * Whether the server let the client in: it completed the handshake, and didn't turn the client
 * away in its first answer. nginx and Apache can ask for a certificate, accept none, and refuse
 * the request.
 */
export function isAdmitted(visit: Visit): boolean {
  return visit.open && visit.failure === null && !REFUSALS.has(statusOf(visit));
}

/** The status of an answer of HTTP; null if it is none. */
function statusOf({ alpn, data }: Visit): number | null {
  if (alpn === "h2") return http2Status(data);
  const start = String.fromCharCode(...data.subarray(0, STATUS_BYTES));
  const [, status] = /^HTTP\/1\.[01] (\d{3}) /.exec(start) ?? [];
  return status === undefined ? null : Number(status);
}

/**
 * Whether a session lets in a client that was turned away in a full handshake.
 *
 * @throws {Error} If the client was let in without it: whether it is turned away isn't certain.
 */
export function isLetIn(
  { resumed, admitted }: { resumed: boolean; admitted: boolean },
): boolean {
  if (admitted && !resumed) {
    throw new Error(
      "One full handshake turned the client away, and another one let it in",
    );
  }
  return admitted;
}

/**
 * Ensures that the server answered: by a handshake, an alert or the end of the connection.
 *
 * @throws {Error} If it was silent, or sent what OpenSSL's client can't take.
 */
export function answered(visit: Visit): Visit {
  const { failure } = visit;
  if (failure?.kind === "timeout" || failure?.kind === "error") {
    throw new Error(failure.message);
  }
  return visit;
}

/** The most connections of {@linkcode visited}. */
export const VISITED_CONNECTIONS = 2;

/**
 * Makes a connection that the server answers. One that it ends without an alert may have been lost
 * on its way: it is made a second time.
 *
 * @throws {Error} If the server was silent, or ends it only once.
 */
export async function visited(
  probing: Probing,
  options: VisitOptions,
): Promise<Visit> {
  const visit = answered(await probing.visit(options));
  if (visit.open || visit.failure?.kind === "alert") return visit;
  const again = answered(await probing.visit(options));
  if (!again.open && again.failure?.kind !== "alert") return again;
  throw new Error(`A connection was lost: ${visit.failure?.message}`);
}

/**
 * Makes a full handshake with a server that asks for a client certificate.
 *
 * @throws {Error} If it ends before it is asked for: then it says nothing of who the client is.
 */
export async function visitedWhereAsked(
  probing: Probing,
  options: VisitOptions,
): Promise<Visit> {
  const visit = await visited(probing, options);
  if (visit.open || visit.certificateRequested) return visit;
  throw new Error(
    `A full handshake ended before a client certificate was asked for: ${
      failureOf(visit)
    }`,
  );
}
