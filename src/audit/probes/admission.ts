import type { Visit } from "../client/visit_types.ts";
import { http2Status } from "../http2.ts";

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
