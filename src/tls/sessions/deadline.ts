import { Deadlines } from "../../internal/deadlines.ts";
import { isPromise } from "../../internal/maybe_promise.ts";

/** The name of a session store in errors. */
export const STORE = "The store";

/** The reason of a signal that is aborted because a deadline has passed. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/** Cancels a call: by its signal, and for the caller that waits. */
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

/** A time limit for calls of one kind. */
export class TimedCalls {
  readonly #whom: string;
  readonly #timeout: number;
  readonly #deadlines: Deadlines;

  /** For calls of `whom` that may take `timeout` milliseconds each. */
  constructor(whom: string, timeout: number) {
    this.#whom = whom;
    this.#timeout = timeout;
    this.#deadlines = new Deadlines(timeout);
  }

  /**
   * The result of `ask`. If it is a promise that isn't settled in time, the call is cancelled,
   * and the promise that is returned rejects with a {@linkcode DeadlineError}.
   */
  ask<T>(
    cancellation: Cancellation,
    ask: (signal: AbortSignal) => T | Promise<T>,
  ): T | Promise<T> {
    const answer = ask(cancellation.signal);
    if (!isPromise(answer)) return answer;
    return new Promise<T>((resolve, reject) => {
      const callOff = this.#deadlines.add(() => {
        cancellation.cancel(
          new DeadlineError(
            `${this.#whom} didn't answer within ${this.#timeout} ms`,
          ),
        );
      });
      const fail = (reason: unknown): void => {
        callOff();
        reject(reason);
      };
      cancellation.whenCancelled(fail);
      // A thenable may lack the other methods of a promise.
      Promise.resolve(answer).then((value) => {
        callOff();
        resolve(value);
      }, fail);
    });
  }
}
