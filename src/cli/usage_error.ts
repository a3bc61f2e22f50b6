/**
 * The command was given something that it can't do: its message goes to standard error
 * with a hint at `--help`, and the exit code is 2. All other failures have exit code 1.
 */
export class UsageError extends Error {
  /** `"UsageError"`. */
  override readonly name = "UsageError";
}
