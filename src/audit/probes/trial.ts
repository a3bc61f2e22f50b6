import type { Answered } from "../client/time_limits.ts";
import type { ClientSession } from "../client/session.ts";
import type { Visit, VisitOptions } from "../client/visit_types.ts";
import type { Probing } from "../probe.ts";

/** The result of a session that was offered. */
export type Outcome = "resumed" | "full handshake" | "no handshake";

/** The result of a visit that offered a session, as text. */
export function outcomeOf(visit: Visit): Outcome {
  if (!visit.open) return "no handshake";
  return visit.resumed ? "resumed" : "full handshake";
}

/** Why a visit failed, for a summary. */
export function failureOf(visit: Visit): string {
  return visit.failure?.message ?? "no reason given";
}

/** Ends a probe at a server that resumed nothing of this kind when it was surveyed. */
export function needsResumption(probing: Probing): void {
  const { given, resumed } = probing.survey.kinds[probing.kind];
  if (resumed) return;
  probing.notApplicable(
    given
      ? "The server resumes no sessions of this kind, although it gives them"
      : "The server gives no sessions of this kind",
  );
}

/** The most connections of a {@linkcode trial} whose test makes two: twice each test and control. */
export const TRIAL_CONNECTIONS = 8;

/**
 * Does a test that offers a session. One that isn't resumed is believed if a plain resumption
 * works afterwards, and if it happens a second time: behind a load balancer a session may only
 * have met a server that doesn't know it.
 *
 * @throws {Error} If the answers differ: the finding is inconclusive.
 */
export async function trial(
  probing: Probing,
  test: () => Promise<Visit>,
): Promise<{ outcome: Outcome; visit: Visit }> {
  needsResumption(probing);
  const visit = await test();
  const outcome = outcomeOf(visit);
  if (outcome === "resumed") return { outcome, visit };
  await control(probing);
  const again = outcomeOf(await test());
  if (again !== outcome) {
    throw new Error(
      `Done twice, it led to different results: ${outcome}, then ${again}`,
    );
  }
  await control(probing);
  return { outcome, visit };
}

/**
 * Makes a session and offers it, changed in nothing.
 *
 * @throws {Error} If it isn't resumed: nothing follows from other sessions that aren't.
 */
export async function control(
  probing: Probing,
  options: VisitOptions = {},
): Promise<ClientSession> {
  const session = await probing.session(options);
  const visit = await probing.visit({
    ...options,
    title: "Control: a session that is offered unchanged",
    session,
  });
  if (!visit.resumed) {
    throw new Error(
      "A session that was offered unchanged wasn't resumed either",
    );
  }
  return session;
}

/**
 * Ensures that a server which ended a handshake that offered a session said so. A connection that
 * ends without an alert may have been lost on its way.
 *
 * @throws {Error} If it ended it otherwise than by an alert.
 */
export function refusedByAlert<Answer extends Answered>(
  answer: Answer,
): Answer {
  const { open = false, failure } = answer;
  if (open || failure === null || failure.kind === "alert") return answer;
  throw new Error(`A connection was lost: ${failure.message}`);
}

/**
 * Ensures that a node which ended a handshake that offered a session does so for the session.
 *
 * @throws {Error} If it ends one without a session, too.
 */
export async function completesAlone(
  probing: Probing,
  node?: string,
): Promise<void> {
  const visit = await probing.visit({
    title: `Control: a full handshake${
      node === undefined ? "" : ` at ${node}`
    }`,
    ...(node !== undefined && { node }),
  });
  if (visit.open) return;
  throw new Error(
    `A handshake without a session fails, too: ${failureOf(visit)}`,
  );
}

/** Makes a connection, and returns the sessions of the probed kind that it was given. */
export async function sessionsOf(
  probing: Probing,
  options: VisitOptions = {},
): Promise<ClientSession[]> {
  const { sessions } = await probing.visit(options);
  return sessions.filter(({ kind }) => kind === probing.kind);
}
