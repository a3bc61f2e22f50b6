import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { measurements } from "../../bench/measurements.mjs";
import { primitives } from "../../bench/primitives.mjs";
import {
  type Line,
  type Measured,
  NPM_PACKAGES,
  summarise,
} from "../../bench/report.ts";
import { formatTables } from "../../bench/table.ts";

const RUN = {
  date: "2026-11-27T00:00:00Z",
  machine: { os: "linux", arch: "x86_64", cpu: "a processor", cores: 2 },
  seconds: 1,
  rounds: 2,
};
const ALL: Measured[] = [...primitives, ...measurements];

function lines(m: Measured, peer: string, values: number[]): Line[] {
  return values.map((value, round) => ({
    ...m,
    peer,
    value,
    round,
    runtime: `${peer} 1.0`,
  }));
}

describe("the benchmark's tables", () => {
  it("divide within a round, by the fastest package of npm's too", () => {
    const [aes] = primitives;
    assert(aes);
    const [result] = summarise([aes], [
      ...lines(aes, "sesame", [250e6, 500e6]),
      ...lines(aes, "native", [1000e6, 1000e6]),
      ...lines(aes, "noble", [10e6, 10e6]),
      ...lines(aes, "libsodium", [50e6, 50e6]),
    ]);
    assert(result);
    assertEquals(result.fastestPackage, "libsodium");
    assertEquals(result.ratios.native, {
      median: 0.375,
      min: 0.25,
      max: 0.5,
    });
    assertEquals(result.ratios.npm, { median: 7.5, min: 5, max: 10 });
    const text = formatTables([result], RUN, {});
    assertMatch(text, /AES-128-GCM +375 +1000 +0\.38 +7\.50 s/);
    assertMatch(text, /s libsodium/);
  });

  it("say of a peer that it is missing by -", () => {
    const [m] = measurements;
    assert(m);
    const results = summarise([m], lines(m, "sesame", [400]));
    assertMatch(formatTables(results, RUN, {}), /full +400 +-\n/);
  });

  it("fit into 100 columns, all of them", () => {
    const peers = [
      "sesame",
      "plain",
      "native",
      "deno",
      "node",
      ...NPM_PACKAGES,
    ];
    const all = ALL.flatMap((m) =>
      peers.flatMap((peer) => lines(m, peer, [123456.789, 234567.891]))
    );
    const sizes = { "the module": { raw: 1906673, brotli: 612971 } };
    const text = formatTables(summarise(ALL, all), RUN, sizes);
    const widest = Math.max(...text.split("\n").map((line) => line.length));
    assert(widest <= 100, `${widest} columns`);
  });
});
