import { assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { difference, quantile } from "../../bench/welch.ts";

describe("Welch's t", () => {
  it("is the difference of the means in standard errors", () => {
    // Means 3 and 6, variances 2.5 and 10, five values each: -3 / sqrt(0.5 + 2).
    const t = difference([1, 2, 3, 4, 5], [2, 4, 6, 8, 10]);
    assertAlmostEquals(t, -3 / Math.sqrt(2.5), 1e-12);
  });

  it("is 0 of samples that say nothing", () => {
    assertEquals(difference([1], [2, 3]), 0);
    assertEquals(difference([1, 1], [1, 1]), 0);
  });
});

describe("quantile", () => {
  it("is the value that a share is not above", () => {
    assertEquals(quantile([5, 1, 4, 2, 3], 0.5), 3);
    assertEquals(quantile([5, 1, 4, 2, 3], 1), 5);
  });
});
