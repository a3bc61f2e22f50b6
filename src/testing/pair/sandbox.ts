import type { TlsPairOptions } from "./options.ts";
import { createTlsSandbox, type TlsSandbox } from "../sandbox.ts";

/** Where a pair runs: the caller's sandbox, or one of the caller's seed and clock. */
export function sandboxOf(
  options: Pick<TlsPairOptions, "sandbox" | "seed" | "clock">,
): TlsSandbox {
  const { sandbox, seed, clock } = options;
  if (sandbox === undefined) return createTlsSandbox({ seed, clock });
  for (const name of ["seed", "clock"] as const) {
    if (options[name] !== undefined) {
      throw new TypeError(
        `options.${name} can't be used with options.sandbox, which has its own`,
      );
    }
  }
  return sandbox;
}
