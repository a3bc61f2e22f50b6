/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether a value is a promise, of any implementation. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === "function";
}

/** Calls `call`, then one of the others with its result or error: at once if it returns at once. */
export function settle<T, R>(
  call: () => MaybePromise<T>,
  succeeded: (result: T) => R,
  failed: (error: unknown) => R,
): MaybePromise<R> {
  let result: MaybePromise<T>;
  try {
    result = call();
  } catch (error) {
    return failed(error);
  }
  return isPromise(result) ? result.then(succeeded, failed) : succeeded(result);
}

/** Calls `next` with a value: at once unless it is a promise. */
export function after<T, R>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value);
}
