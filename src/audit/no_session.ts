import { NotApplicable } from "./probe.ts";
import type { Visit } from "./client/visit_types.ts";

/**
 * The error of a probe whose full handshake brought no session. It is a {@linkcode NotApplicable}
 * if the server gives none, or refuses the handshake by an alert or by ending the connection;
 * other failures, such as a timeout, may not happen again.
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
