/**
 * Puts the figures of a run into a page in Markdown, between two comments, and draws them beside it.
 *
 *   deno run --allow-all bench/markdown.ts FIGURES.json PAGE.md
 *
 * FIGURES.json is what `deno task bench --json FIGURES.json` wrote; `deno task bench --markdown PAGE.md` does
 * both at once.
 *
 * @module
 */
import { basename } from "node:path";
import type { Sizes } from "./modules.ts";
import { drawFigures } from "./plot.ts";
import type { Result } from "./report.ts";
import { notesOf, type Run, type Table, tablesOf } from "./table.ts";

/** All that is to be known of a run. */
export type Report = Run & { sizes: Sizes; results: Result[] };

const FROM = "<!-- figures: deno task bench --markdown -->";
const TO = "<!-- end of figures -->";

if (import.meta.main) {
  const [figures, page] = Deno.args;
  if (figures === undefined || page === undefined) {
    console.error("Usage: bench/markdown.ts FIGURES.json PAGE.md");
    Deno.exit(2);
  }
  await writePage(page, JSON.parse(await Deno.readTextFile(figures)));
}

/** Replaces what is between the page's comments; the drawing is PAGE.svg. */
export async function writePage(page: string, report: Report): Promise<void> {
  const drawing = page.replace(/\.md$/, "") + ".svg";
  const text = await Deno.readTextFile(page);
  const filled = fillPage(text, toMarkdown(report, basename(drawing)));
  await Deno.writeTextFile(drawing, await drawFigures(report.results));
  await Deno.writeTextFile(page, filled);
  const args = ["fmt", "--quiet", page];
  await new Deno.Command(Deno.execPath(), { args }).output();
}

/** Fails if the page has no place for figures. */
export function fillPage(page: string, figures: string): string {
  const [from, to] = [page.indexOf(FROM), page.indexOf(TO)];
  if (from < 0 || to < from) {
    throw new Error(`The page has no "${FROM}" with "${TO}" after it`);
  }
  return `${page.slice(0, from)}${FROM}\n\n${figures}\n\n${page.slice(to)}`;
}

export function toMarkdown(report: Report, drawing: string): string {
  const { results, sizes } = report;
  const notes = notesOf(results, report, sizes).map((note) => `- ${note}`);
  return [
    `![Primitives and handshakes, as multiples of native OpenSSL](${drawing})`,
    ...tablesOf(results).map(toTable),
    notes.join("\n").replaceAll("*", "\\*"),
  ].join("\n\n");
}

function toTable({ title, header, rows }: Table): string {
  const cells = [
    [title.replace("*", "\\*"), ...header],
    ["---", ...header.map(() => "--:")],
    ...rows,
  ];
  return cells.map((row) => `| ${row.join(" | ")} |`).join("\n");
}
