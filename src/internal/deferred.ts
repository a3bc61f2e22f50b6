/**
 * A promise that is settled from outside, at most once. Its rejection is nobody's duty:
 * a promise that no one listens to must not end the process.
 */
export class Deferred<T> {
  /** The promise. */
  readonly promise: Promise<T>;
  /** Fulfils the promise. */
  resolve!: (value: T) => void;
  /** Rejects the promise. */
  readonly reject = (reason: unknown): void => {
    this.promise.catch(() => {});
    this.#reject(reason);
  };
  #reject!: (reason: unknown) => void;

  /** A promise that is pending. */
  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.#reject = reject;
    });
  }
}

/** Waits until `promise` is settled, for at most `ms` milliseconds. Never rejects. */
export async function waitAtMost(
  promise: Promise<unknown>,
  ms: number,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([promise, timeUp]);
  } catch {
    /* the caller of the promise handles its rejection */
  } finally {
    clearTimeout(timer);
  }
}
