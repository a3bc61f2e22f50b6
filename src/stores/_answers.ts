import type { MaybePromise } from "./session_store.ts";

/** Whether a store has answered with a promise, of whatever making. */
export function isPromise<T>(answer: MaybePromise<T>): answer is Promise<T> {
  return typeof (answer as { then?: unknown } | undefined)?.then === "function";
}

/** Makes a call and goes on with how it ends: at once if it answers at once. */
export function settle<T, R>(
  call: () => MaybePromise<T>,
  answered: (answer: T) => R,
  failed: (error: unknown) => R,
): MaybePromise<R> {
  let answer: MaybePromise<T>;
  try {
    answer = call();
  } catch (error) {
    return failed(error);
  }
  return isPromise(answer) ? answer.then(answered, failed) : answered(answer);
}
