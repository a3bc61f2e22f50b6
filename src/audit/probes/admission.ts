import type { Visit } from "../client/visit_types.ts";

/**
 * The answers by which servers of HTTP turn a client away for its certificate after the
 * handshake: the statuses of RFC 9110, among them 421 (Misdirected Request), and nginx's 495 and
 * 496.
 */
const REFUSAL = /^HTTP\/1\.[01] (?:400|401|403|421|495|496) /;

/** The bytes that a status line of HTTP has up to its reason. */
const STATUS_BYTES = 13;

/**
 * Whether the server let the client in: it completed the handshake, and didn't turn the client
 * away in its first answer. nginx and Apache can ask for a certificate, accept none, and refuse
 * the request.
 */
export function isAdmitted({ open, failure, data }: Visit): boolean {
  if (!open || failure !== null) return false;
  const start = String.fromCharCode(...data.subarray(0, STATUS_BYTES));
  return !REFUSAL.test(start);
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
