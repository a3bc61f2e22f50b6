/** The message of an error, or the text of whatever else was thrown. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || partsOf(error) || error.name;
}

/** What an error without a message has: Node's, if no address of a host could be connected to. */
function partsOf(error: Error): string {
  if (!(error instanceof AggregateError)) return "";
  const parts = error.errors.map((part: unknown) =>
    part instanceof Error ? part.message : String(part)
  );
  return parts.join("; ");
}
