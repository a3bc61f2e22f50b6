import { setTimeout as delay } from "node:timers/promises";

/** Waits until `promise` settles, at most `ms` milliseconds. Never rejects. */
export async function waitAtMost(
  ms: number,
  promise: Promise<unknown>,
): Promise<void> {
  const settled = new AbortController();
  try {
    await Promise.race([
      promise,
      delay(ms, undefined, { signal: settled.signal }),
    ]);
  } catch {
    // The owner of the promise handles its rejection.
  } finally {
    settled.abort();
  }
}
