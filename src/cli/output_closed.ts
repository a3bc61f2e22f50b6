/** The reader of the output has closed it, as `head` does: the program ends without an error. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";

  /** An `OutputClosed` for a broken pipe; any other error unchanged. */
  static from(error: unknown): unknown {
    return error instanceof Deno.errors.BrokenPipe
      ? new OutputClosed("The output is closed", { cause: error })
      : error;
  }
}
