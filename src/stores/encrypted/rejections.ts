import { failure } from "../_failures.ts";
import { UnknownKeyError } from "./record.ts";

/** How many unknown keys are remembered, in case someone makes up key ids. */
const MAX_UNKNOWN_KEYS = 64;

/** Calls the listener for rejected records with the reason. Its own failures have no effect. */
export function reportRejection(
  listener: (reason: Error) => unknown,
  error: unknown,
): void {
  try {
    const result = listener(failure("decrypt the session", error));
    Promise.resolve(result).catch(() => {});
  } catch {
    // The look-up finds nothing either way.
  }
}

/** The default listener: prints each reason, but only once for each unknown key. */
export function printRejections(): (reason: Error) => void {
  const unknown = new Set<string>();
  return (reason) => {
    if (reason.cause instanceof UnknownKeyError) {
      const { keyId } = reason.cause;
      if (unknown.has(keyId)) return;
      unknown.add(keyId);
      const [oldest] = unknown;
      if (unknown.size > MAX_UNKNOWN_KEYS && oldest) unknown.delete(oldest);
    }
    console.error(reason.message);
  };
}
