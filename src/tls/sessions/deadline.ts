import { isPromise } from "../../internal/maybe_promise.ts";

/** Who a session store is in the words of its errors. */
export const STORE = "The store";

/** Thrown into the signal of a store, or of a context's question, that took too long. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/**
 * The answer of `whom` to `ask`, if it comes within `timeout` milliseconds; then its signal
 * is aborted and the promise rejects. An answer that isn't a promise is given as it is.
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
    // A thenable of the store's own making may lack the rest of a promise.
    Promise.resolve(answer).then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
