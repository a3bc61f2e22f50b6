import { reasonOf } from "./format.ts";
import { UsageError } from "./usage_error.ts";

/**
 * What to throw if something that the command line names can't be used, such as
 * `"read --ca ca.pem"`. A missing permission stays what it is: it is explained elsewhere.
 */
export function unusable(what: string, error: unknown): unknown {
  return error instanceof Deno.errors.NotCapable
    ? error
    : new UsageError(`Cannot ${what}: ${reasonOf(error)}`, { cause: error });
}
