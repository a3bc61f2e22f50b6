/**
 * Suites that need what isn't on this machine.
 *
 * @module
 */
import { describe, it } from "@std/testing/bdd";

/** What a suite lacks. */
export interface Missing {
  /** `"tshark"` */
  readonly what: string;
  /** How to get it: `"Debian: apt-get install tshark"`. */
  readonly source: string;
}

/**
 * A suite that can't run here: it is skipped with a word on standard error, but
 * where `CI` is `true` it fails, since there all is to be run.
 */
export function describeWithout(
  { what, source }: Missing,
  name: string,
  tests: () => void,
): void {
  const lament = `${what} is missing (${source})`;
  if (Deno.env.get("CI") === "true") {
    describe(name, () => {
      it(`needs ${what}`, () => {
        throw new Error(lament);
      });
    });
    return;
  }
  console.warn(`SKIPPED: ${name}: ${lament}`);
  describe.skip(name, tests);
}
