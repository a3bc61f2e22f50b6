import { errorText } from "./format.ts";

/**
 * The message of the missing permission that caused an error; `undefined` if another failure
 * caused it. Deno's message says which flag grants the permission.
 */
export function missingPermission(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return error instanceof Deno.errors.NotCapable
    ? errorText(error)
    : missingPermission(error.cause);
}
