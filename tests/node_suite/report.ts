import type { Kept, Results, Run, Runs } from "./results.ts";
import { type RuntimeName, RUNTIMES } from "./runtimes.ts";
import { concernsSessions, isOfCommandLine } from "./tests.ts";

const PAGE = new URL("../../docs/node.md", import.meta.url);
export const REASONS = new URL("./reasons.json", import.meta.url);
const BEGIN = "<!-- what the runner writes begins -->\n";
const END = "<!-- what the runner writes ends -->";

/** Why tests don't pass with ours, for people: by the test's name, by runtime or for `all`. */
type Reasons = Readonly<
  Record<string, Partial<Readonly<Record<RuntimeName | "all", string>>>>
>;

/** The columns of the table, and the tests that each is of. */
const KINDS: Readonly<Record<string, (name: string) => boolean>> = {
  "`test-tls-*`": (name) =>
    name.startsWith("test-tls-") && !isOfCommandLine({ name }),
  "`test-tls-cli-*`": (name) => isOfCommandLine({ name }),
  "`test-https-*`": (name) => name.startsWith("test-https-"),
  "of sessions, tickets and resumption": concernsSessions,
};

/** Writes what is kept of the runs into the page, in place of what is there. */
export async function writeReport(results: Results): Promise<void> {
  const page = await Deno.readTextFile(PAGE);
  const begin = page.indexOf(BEGIN) + BEGIN.length;
  const end = page.indexOf(END);
  const reasons: Reasons = JSON.parse(await Deno.readTextFile(REASONS));
  const report = `\n${render(results, reasons)}\n`;
  await Deno.writeTextFile(
    PAGE,
    page.slice(0, begin) + report + page.slice(end),
  );
}

/** The table of how many pass, and for each runtime the list of what doesn't. */
export function render(results: Results, reasons: Reasons): string {
  const rows = entriesOf(results).flatMap(([runtime, runs]) => {
    const title = `${RUNTIMES[runtime].title} ${runs.version}`;
    return [
      row(`${title}, its own`, runs.own),
      row(`${title}, **Sesame's**`, runs.ours),
    ];
  });
  const head = [["passed of", ...Object.keys(KINDS)], [
    "---",
    "---",
    "---",
    "---",
    "---",
  ]];
  const table = [...head, ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const lists = entriesOf(results).map(([runtime, runs]) =>
    listOf(runtime, runs, reasons)
  );
  return [table.join("\n"), ...lists].join("\n\n") + "\n";
}

function entriesOf(results: Results): [RuntimeName, Runs][] {
  return Object.entries(results) as [RuntimeName, Runs][];
}

/** The first column's text, and how many of each kind passed. */
function row(title: string, run: Run = {}): string[] {
  const counts = Object.values(KINDS).map((isOfKind) => {
    const results = Object.entries(run).filter(([name]) => isOfKind(name));
    const passed = results.filter(([, kept]) => kept === "passed").length;
    return `${passed} of ${results.length}`;
  });
  return [title, ...counts];
}

function listOf(
  runtime: RuntimeName,
  { own = {}, ours = {} }: Runs,
  reasons: Reasons,
): string {
  const lines = Object.entries(ours).flatMap(([name, kept]) => {
    if (kept === "passed") return [];
    const reason = reasons[name]?.[runtime] ?? reasons[name]?.all ?? kept.said;
    return [
      `| \`${name.slice("test-".length)}\` | ${inWords(kept)} | ${
        inWords(own[name])
      } | ${cell(reason)} |`,
    ];
  });
  const title = RUNTIMES[runtime].title;
  return [
    `What doesn't pass in ${title} with Sesame's, and why:\n`,
    `| test | Sesame's | ${title}'s own | reason |`,
    "| --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

function inWords(kept: Kept | undefined): string {
  if (kept === undefined) return "not run";
  return kept === "passed" ? "passed" : kept.result;
}

/** A text that stays within a cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "\\<");
}
