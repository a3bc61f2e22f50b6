import type { VisitOptions } from "./visit_types.ts";

/**
 * The clock of a client. OpenSSL's encoding of a session has whole seconds: the clock is behind
 * by the rest, so that the ticket's age is right.
 */
export function clockOf(
  now: () => number,
  { at, session }: Pick<VisitOptions, "at" | "session">,
): () => number {
  const rest = (session?.receivedAt ?? 0) % 1000;
  return at === undefined ? () => now() - rest : () => at - rest;
}
