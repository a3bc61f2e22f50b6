import { TlsError } from "../../src/internal/tls_error.ts";

/** What a callback under fuzzing throws. */
export class CallbackError extends Error {
  override readonly name = "CallbackError";
}

/** What is wrong with a call, found deeper in the calls. */
export class Finding extends Error {
  override readonly name = "Finding";
}

/** What is wrong with an error that a call threw; `undefined` for a refusal. */
export function verdict(error: unknown): string | undefined {
  if (error instanceof CallbackError) return undefined;
  if (error instanceof Finding) return error.message;
  if (error instanceof AggregateError) {
    return error.errors.map(verdict).find((finding) => finding !== undefined);
  }
  if (error instanceof TlsError) {
    return error.code === "instance-dead" ? error.message : undefined;
  }
  if (!(error instanceof TypeError || error instanceof RangeError)) {
    return `not a refusal: ${error}`;
  }
  return isOfTheEngine(error.message)
    ? `JavaScript's own error: ${error.message}`
    : undefined;
}

/** Messages of the JavaScript engine: the argument went unchecked. */
function isOfTheEngine(message: string): boolean {
  return /^Cannot (read prop|set prop|convert|destructure|mix)|is not (a function|iterable|an object)|[Ii]nvalid (array|typed|string|date)|^The "|offset is out of|call stack/
    .test(message);
}
