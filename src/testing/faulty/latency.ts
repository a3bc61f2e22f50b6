import { Deferred } from "../../internal/deferred.ts";
import type { VirtualClock } from "../clock.ts";

/**
 * Waits for `ms` milliseconds of a clock, or of a timer if there is none. Rejects with the
 * signal's reason if it is aborted before.
 */
export function latency(
  ms: number,
  clock: VirtualClock | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { promise, resolve, reject } = new Deferred<void>();
  if (signal?.aborted) {
    reject(signal.reason);
    return promise;
  }
  const cancel = clock === undefined
    ? startTimer(ms, resolve)
    : clock.after(ms, resolve);
  const onAbort = (): void => {
    cancel();
    reject(signal?.reason);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  return promise.finally(() => signal?.removeEventListener("abort", onAbort));
}

function startTimer(ms: number, end: () => void): () => void {
  const timer = setTimeout(end, ms);
  return () => clearTimeout(timer);
}
