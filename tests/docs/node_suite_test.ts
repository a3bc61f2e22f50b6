/** docs/node.md has what is kept of the runs of Node's own tests (deno task test:node-suite). */
import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { REASONS, render } from "../node_suite/report.ts";
import { readResults } from "../node_suite/results.ts";

const PAGE = new URL("../../docs/node.md", import.meta.url);

/** Markdown however its tables are laid out. */
function plain(text: string): string {
  return text.replace(/-{3,}/g, "---").replace(/\s+/g, " ").trim();
}

it("docs/node.md has the results that are kept", async () => {
  const reasons = JSON.parse(await Deno.readTextFile(REASONS));
  const report = plain(render(await readResults(), reasons));
  assert(report.length > 1000);
  const page = plain(await Deno.readTextFile(PAGE));
  const [, found = ""] =
    /what the runner writes begins -->(.*)<!-- what/.exec(page) ?? [];
  assertEquals(found.trim(), report);
});
