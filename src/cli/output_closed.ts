/** Whoever read the output has seen enough, such as `head`: there is nothing to complain of. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";

  /** What to throw in place of a failure to write output. */
  static from(error: unknown): unknown {
    return error instanceof Deno.errors.BrokenPipe
      ? new OutputClosed("Nobody reads the output", { cause: error })
      : error;
  }
}
