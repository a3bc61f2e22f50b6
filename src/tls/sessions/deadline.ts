import { isPromise } from "../../internal/maybe_promise.ts";

/** The name of a session store in errors. */
export const STORE = "The store";

/** The reason of a signal that is aborted because a deadline has passed. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/**
 * The result of `ask`. If it is a promise that isn't settled within `timeout` milliseconds,
 * the signal of `ask` is aborted, and the promise that is returned rejects with a
 * {@linkcode DeadlineError} about `whom`.
 */
export function withDeadline<T>(
  whom: string,
  timeout: number,
  controller: AbortController,
  ask: (signal: AbortSignal) => T | Promise<T>,
): T | Promise<T> {
  const { signal } = controller;
  const answer = ask(signal);
  if (!isPromise(answer)) return answer;
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      controller.abort(
        new DeadlineError(`${whom} didn't answer within ${timeout} ms`),
      );
    }, timeout);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
    // A thenable may lack the other methods of a promise.
    Promise.resolve(answer).then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
