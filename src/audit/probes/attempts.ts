import type { HelloAnswer, HelloOptions } from "../client/hello_types.ts";
import type { Facts } from "../finding.ts";
import type { ProbeResult, Probing } from "../probe.ts";
import { needsResumption } from "./trial.ts";

/** The connections of {@linkcode control}: a full handshake, and a resumption. */
export const CONTROL_CONNECTIONS = 2;

/** A hello that offers a session in some way. */
export interface Attempt extends HelloOptions {
  /** What is offered, for a summary: "with its last byte changed". */
  readonly title: string;
}

/** A hello that was sent, and what came of it. */
export interface Tried {
  readonly title: string;
  readonly outcome: string;
  readonly answer: HelloAnswer;
}

/** Sends a hello that offers a session, a second time if the server asks for another key share. */
export function offer(
  probing: Probing,
  options: HelloOptions,
): Promise<HelloAnswer> {
  return probing.hello({ editSecond: () => {}, ...options });
}

/** Sends hellos, one after another, until the server resumes one, or is silent. */
export async function tryUntilResumed(
  probing: Probing,
  attempts: Iterable<Attempt> | AsyncIterable<Attempt>,
): Promise<Tried[]> {
  const tried: Tried[] = [];
  for await (const attempt of attempts) {
    const answer = await offer(probing, attempt);
    const outcome = answerText(answer);
    tried.push({ title: attempt.title, outcome, answer });
    if (answer.resumed || answer.failure?.kind === "timeout") break;
  }
  return tried;
}

/**
 * Does something that no session should be resumed by, and then a control.
 *
 * @throws {Error} If the control fails.
 */
export async function controlled(
  probing: Probing,
  action: () => Promise<ProbeResult>,
): Promise<ProbeResult> {
  needsResumption(probing);
  const result = await action();
  if (result.verdict !== "fail") await control(probing);
  return result;
}

/**
 * Offers a session unchanged.
 *
 * @throws {Error} If it isn't resumed: nothing follows from other sessions that aren't.
 */
export async function control(probing: Probing): Promise<void> {
  const answer = await offer(probing, {
    title: "Control: a session that is offered unchanged",
    session: await probing.session(),
  });
  if (answer.resumed) return;
  throw new Error(
    `A session that was offered unchanged wasn't resumed either: ${
      answerText(answer)
    }`,
  );
}

/** The answer to a hello, in a word or two. */
export function answerText({ resumed, failure, version }: HelloAnswer): string {
  if (resumed) return "resumed";
  if (failure === null) return version === null ? "nothing" : "full handshake";
  return failure.kind === "alert"
    ? `the alert ${failure.alert}`
    : OUTCOMES[failure.kind];
}

/**
 * The result of attempts none of which the server may resume.
 *
 * @throws {Error} If there were none, or the server was silent at one.
 */
export function refusalOf(
  tried: readonly Tried[],
  { passes, facts = {} }: { passes: string; facts?: Facts },
): ProbeResult {
  if (tried.length === 0) {
    throw new Error("The server gave no session that could be offered");
  }
  const [resumed] = tried.filter(({ answer }) => answer.resumed);
  const outcomes = [...new Set(tried.map(({ outcome }) => outcome))];
  const all = { ...facts, attempts: tried.length, outcomes };
  if (resumed) {
    return {
      verdict: "fail",
      summary: `Resumed: ${resumed.title}`,
      facts: all,
    };
  }
  const [silent] = tried.filter(({ answer }) =>
    answer.failure?.kind === "timeout"
  );
  if (silent) throw new Error(`The server was silent: ${silent.title}`);
  return {
    verdict: "pass",
    summary: `${passes}: ${outcomes.join(", ")}`,
    facts: all,
  };
}

const OUTCOMES = {
  closed: "a closed connection",
  reset: "a failed connection",
  timeout: "silence",
  error: "an answer that is no TLS",
} as const;
