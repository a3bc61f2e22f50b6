import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fillPage, toMarkdown } from "../../bench/markdown.ts";
import { measurements } from "../../bench/measurements.mjs";
import { drawFigures } from "../../bench/plot.ts";
import { primitives } from "../../bench/primitives.mjs";
import { type Line, summarise } from "../../bench/report.ts";
import { tablesOf } from "../../bench/table.ts";

const ALL = [...primitives, ...measurements];
const RUN = {
  date: "2026-11-27T00:00:00Z",
  machine: { os: "linux", arch: "x86_64", cpu: "a processor", cores: 2 },
  seconds: 1,
  rounds: 1,
};
const LINES: Line[] = ALL.flatMap((m, i) =>
  ["sesame", "native", "plain", "node", "noble"].map((peer, j) => (
    { ...m, peer, value: 1e6 * (i + 1) / (j + 1), runtime: "1.0", round: 0 }
  ))
);
const RESULTS = summarise(ALL, LINES);

describe("the benchmark's page", () => {
  it("has all rows, and what is to be known of them", () => {
    const text = toMarkdown(
      { ...RUN, sizes: { module: { raw: 2, brotli: 1 } }, results: RESULTS },
      "figures.svg",
    );
    assertEquals(
      text.match(/^\| (?!---).* \|$/gm)?.length,
      ALL.length + tablesOf(RESULTS).length,
    );
    assertMatch(text, /^!\[.*\]\(figures\.svg\)$/m);
    assertMatch(text, /^- 2026-11-27, linux x86_64, a processor/m);
  });

  it("keeps what is around the figures", () => {
    const page = fillPage(
      "before\n<!-- figures: deno task bench --markdown -->\nold\n<!-- end of figures -->\nafter\n",
      "new",
    );
    assertMatch(page, /^before\n.*-->\n\nnew\n\n<!--.*\nafter\n$/);
    assert(!page.includes("old"));
    assertEquals(fillPage(page, "new"), page);
  });

  it("is told that it has no place for figures", () => {
    assertThrows(() => fillPage("# A page\n", "new"), Error, "has no");
  });

  it("has a drawing that is the same each time, of all peers and rows", async () => {
    const drawing = await drawFigures(RESULTS);
    assertEquals(await drawFigures(RESULTS), drawing);
    for (const text of ["Sesame without kernels", "ML-KEM-768 decaps"]) {
      assert(drawing.includes(text), text);
    }
    assertMatch(drawing, /TLS 1\.3 P-256 X25519MLKEM768 resumed/);
  });
});
