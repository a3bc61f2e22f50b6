/**
 * What Deno threw, with what failed in front of its message: of the same class, and with the
 * error itself as its cause. What lacks a permission is left, as it says how to get it.
 */
export function netError(error: unknown, what: string): unknown {
  if (
    !(error instanceof Error) || error instanceof Deno.errors.NotCapable
  ) return error;
  const Kind = Object.values(Deno.errors)
    .find((kind) => kind === error.constructor) ?? Error;
  return new Kind(`${what}: ${error.message || error.name}`, { cause: error });
}
