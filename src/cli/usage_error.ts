import { messageOf } from "./format.ts";

/**
 * The command line can't be executed as given. The message is printed to standard error with
 * a pointer to `--help`, and the exit code is 2. Every other failure has the exit code 1.
 */
export class UsageError extends Error {
  /** `"UsageError"`. */
  override readonly name = "UsageError";
}

/**
 * The error for an action that failed on something the command line names, such as
 * `"read --ca ca.pem"`. A missing permission is returned unchanged: `main.ts` explains it.
 */
export function usageError(action: string, cause: unknown): unknown {
  if (cause instanceof Deno.errors.NotCapable) return cause;
  return new UsageError(`Cannot ${action}: ${messageOf(cause)}`, { cause });
}
