/** Errors of arguments, beside those of Node.js. */
import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import * as validate from "../../../src/node/errors/validate.ts";
import { describeWithNode24, inNode24 } from "../../support/node24.ts";
import { CHECKS, outcomeOf, wrongValues } from "./argument_cases.ts";

const CASES = new URL("argument_cases.ts", import.meta.url);

describeWithNode24("errors of arguments, beside Node.js 24's", () => {
  it("are the same for values of all kinds", async () => {
    const theirs = await inNode24<unknown[][]>(CASES, null);
    CHECKS.forEach(([name, ours], check) => {
      wrongValues().forEach((value, i) => {
        const there = theirs[check]?.[i] as { code?: string } | string;
        // They take what may be left out, and refuse more than a wrong type.
        if (typeof there === "string") return;
        if (there.code === "ERR_INVALID_ARG_VALUE") return;
        assertEquals(
          outcomeOf(() => ours(validate, value)),
          there,
          `${name}: ${i}`,
        );
      });
    });
  });
});
