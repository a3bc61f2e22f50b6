import { isPromise } from "../../internal/maybe_promise.ts";

/** The name of a session store in errors. */
export const STORE = "The store";

/** The reason of a signal that is aborted because a deadline has passed. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/** Ends a call whose answer is waited for: by its signal, and for the one who waits. */
export class Cancellation {
  readonly #controller = new AbortController();
  readonly #onCancel: (() => void) | undefined;
  #fail: ((reason: unknown) => void) | undefined;

  /** For one call; `onCancel` is called when it is ended. */
  constructor(onCancel?: () => void) {
    this.#onCancel = onCancel;
  }

  /** What the call is given. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Calls `fail` with the reason if the call is ended. */
  whenCancelled(fail: (reason: unknown) => void): void {
    this.#fail = fail;
  }

  /** Ends the call. */
  cancel(reason: unknown): void {
    if (this.signal.aborted) return;
    this.#controller.abort(reason);
    this.#onCancel?.();
    this.#fail?.(reason);
  }
}

/**
 * The result of `ask`. If it is a promise that isn't settled within `timeout` milliseconds,
 * the call is cancelled, and the promise that is returned rejects with a
 * {@linkcode DeadlineError} about `whom`.
 */
export function withDeadline<T>(
  whom: string,
  timeout: number,
  cancellation: Cancellation,
  ask: (signal: AbortSignal) => T | Promise<T>,
): T | Promise<T> {
  const answer = ask(cancellation.signal);
  if (!isPromise(answer)) return answer;
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      cancellation.cancel(
        new DeadlineError(`${whom} didn't answer within ${timeout} ms`),
      );
    }, timeout);
    const fail = (reason: unknown): void => {
      clearTimeout(timer);
      reject(reason);
    };
    cancellation.whenCancelled(fail);
    // A thenable may lack the other methods of a promise.
    Promise.resolve(answer).then((value) => {
      clearTimeout(timer);
      resolve(value);
    }, fail);
  });
}
