import { Deferred } from "../../internal/deferred.ts";
import { onAbort } from "../../internal/on_abort.ts";
import { TlsError } from "../../internal/tls_error.ts";

/** The time by which a connection must be over. */
export class Deadline {
  readonly #what: string;
  readonly #ms: number;
  readonly #start: number;
  readonly #signal: AbortSignal | undefined;

  /**
   * Starts the time.
   *
   * @param what What takes the time, for the error.
   * @param signal Ends it early.
   * @param start When it started, if not now.
   */
  constructor(
    what: string,
    ms: number,
    signal?: AbortSignal,
    start: number = performance.now(),
  ) {
    this.#what = what;
    this.#ms = ms;
    this.#start = start;
    this.#signal = signal;
  }

  /** The same time, for a part of what takes it. */
  of(what: string): Deadline {
    return new Deadline(what, this.#ms, this.#signal, this.#start);
  }

  /** How many milliseconds are left. */
  get left(): number {
    return Math.max(Math.ceil(this.#left), 1);
  }

  /** What ends it early. */
  get signal(): AbortSignal | undefined {
    return this.#signal;
  }

  /**
   * Waits for a promise.
   *
   * @returns Its value, or `"silence"` if it hasn't come after `ms` milliseconds.
   * @throws {TlsError} `timeout`, if the deadline comes first; the reason of the signal; or
   * what the promise rejects with.
   */
  within<T>(promise: Promise<T>): Promise<T>;
  within<T>(promise: Promise<T>, ms: number): Promise<T | "silence">;
  async within<T>(promise: Promise<T>, ms?: number): Promise<T | "silence"> {
    const left = this.#left;
    const isLast = ms === undefined || ms >= left;
    const over = new Deferred<"silence">();
    const timer = setTimeout(
      () => isLast ? over.reject(this.#timeout()) : over.resolve("silence"),
      Math.max(isLast ? left : ms, 0),
    );
    const forget = onAbort(
      this.#signal,
      () => over.reject(this.#signal?.reason),
    );
    try {
      this.#signal?.throwIfAborted();
      return await Promise.race([promise, over.promise]);
    } finally {
      // The promise may be rejected when nobody waits for it any more.
      promise.catch(() => {});
      clearTimeout(timer);
      forget();
    }
  }

  get #left(): number {
    return this.#start + this.#ms - performance.now();
  }

  #timeout(): TlsError {
    return new TlsError(
      "timeout",
      `${this.#what} took longer than ${this.#ms} ms`,
    );
  }
}
