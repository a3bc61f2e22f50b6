/** What a failure says, for the second half of a message. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error of a call that failed: "Cannot look the session up: …". */
export function failure(what: string, error: unknown): Error {
  return new Error(`Cannot ${what}: ${reasonOf(error)}`, { cause: error });
}
