import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { commonEdges, Latencies } from "../../bench/load/latencies.ts";

describe("Latencies", () => {
  it("knows percentiles to 1 %, and how many are between edges", () => {
    const values = Array.from({ length: 5_000 }, (_, i) => 0.05 * 1.002 ** i);
    const latencies = new Latencies();
    for (const value of values.toReversed()) latencies.add(value);
    for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
      const exact = values[Math.ceil(share * values.length) - 1] ?? NaN;
      assert(Math.abs(latencies.quantile(share) / exact - 1) < 0.01);
    }
    assertEquals(
      latencies.percentiles().max,
      Number(values.at(-1)?.toPrecision(3)),
    );

    const edges = commonEdges([latencies, new Latencies()]);
    const bars = latencies.bars(edges);
    assertEquals(sum(bars.map(({ count }) => count)), values.length);
    for (const { fromMs, toMs, count } of bars) {
      const exact = values.filter((ms) => fromMs <= ms && ms < toMs).length;
      assert(Math.abs(count - exact) <= 10);
    }
  });

  it("has nothing to tell of none", () => {
    assertEquals(new Latencies().percentiles(), {
      p50: 0,
      p90: 0,
      p99: 0,
      max: 0,
    });
    assertEquals(commonEdges([new Latencies()]), []);
  });
});

function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
