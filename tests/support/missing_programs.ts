/**
 * Suites that need what isn't on this machine.
 *
 * @module
 */
import { describe, it } from "@std/testing/bdd";

const IPV6: Missing = {
  what: "IPv6",
  source: "Linux: sysctl net.ipv6.conf.lo.disable_ipv6=0",
};

/** What a suite lacks. */
export interface Missing {
  /** `"tshark"` */
  readonly what: string;
  /** How to get it: `"Debian: apt-get install tshark"`. */
  readonly source: string;
}

/** A suite whose servers listen on `::1`: as {@linkcode describeWithout} where there is none. */
export function describeWithIpv6(name: string, tests: () => void): void {
  const isThere = Deno.networkInterfaces()
    .some(({ address }) => address === "::1");
  if (isThere) describe(name, tests);
  else describeWithout(IPV6, name, tests);
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
