import { NotApplicable } from "./probe.ts";
import type { Visit } from "./client/visit_types.ts";

/**
 * What a probe ends with whose full handshake brought no session: there is nothing to probe if
 * the server gives none, or refuses the handshake, by an alert or the end of the connection.
 * Whatever else came in the way may be gone the next time.
 */
export function noSession({ open, failure }: Visit): Error {
  if (open) return new NotApplicable("The server gave no session");
  const reason = `The handshake failed: ${
    failure?.message ?? "for no known reason"
  }`;
  return failure?.kind === "alert" || failure?.kind === "closed"
    ? new NotApplicable(reason)
    : new Error(reason);
}
