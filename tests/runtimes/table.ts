import type { CheckResult } from "./checks.ts";
import { type Report, run } from "./command.ts";
import type { Runtime } from "./runtimes.ts";

const IS_CI = Deno.env.get("CI") === "true";
const WIDTHS = [20, 18, 8] as const;

interface Row {
  readonly cells: readonly string[];
  readonly passed: number;
  /** A line each. */
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

/**
 * Runs the checks in each runtime, and prints how many held in each. A runtime that is
 * missing is skipped; where the variable `CI` is `true` it has failed. The last line is
 * "N passed, N failed", of each check in each runtime, with ", N skipped" if runtimes
 * were.
 *
 * @returns The exit code: 1 if anything failed.
 */
export async function runMatrix(runtimes: readonly Runtime[]): Promise<number> {
  print({ cells: ["Runtime", "Version", "Checks", "First handshake"] });
  const rows: Row[] = [];
  for (const runtime of runtimes) {
    const row = await rowOf(runtime);
    rows.push(row);
    print(row);
  }
  console.log("\nA first handshake is timed from the start of the process.");
  const passed = rows.reduce((sum, row) => sum + row.passed, 0);
  const failed = rows.flatMap((row) => row.failed).length;
  const skipped = rows.flatMap((row) => row.skipped).length;
  console.log(
    `${passed} passed, ${failed} failed` +
      (skipped ? `, ${skipped} skipped` : ""),
  );
  return failed > 0 ? 1 : 0;
}

async function rowOf({ name, program, check }: Runtime): Promise<Row> {
  const version = program && await versionOf(program);
  if (!program || !version) return missing(name, program);

  const folder = await Deno.makeTempDir({ prefix: "sesame-" });
  try {
    return finished(name, version, await check(program, folder));
  } catch (error) {
    const failed = [String(error)];
    return { cells: [name, version, "none"], passed: 0, failed, skipped: [] };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What looks like a version in what the program says of itself, if it is there. */
async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { text } = await run(program, ["--version"]);
    return text.match(/\d[\w.-]+/)?.[0] ?? "unknown";
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? undefined : "unknown";
  }
}

function missing(name: string, program: string | undefined): Row {
  const remedy = program === undefined
    ? "npm and its registry are needed, on Linux"
    : `try apt-get install ${program}`;
  const line = [`${name} is MISSING: ${remedy}`];
  return {
    cells: [name, "missing", "none"],
    passed: 0,
    failed: IS_CI ? line : [],
    skipped: IS_CI ? [] : line,
  };
}

function finished(
  name: string,
  version: string,
  { startedAt, text }: Report,
): Row {
  const results = readResults(text);
  const failed = results.filter(({ ok }) => !ok);
  const passed = results.length - failed.length;
  const [first] = results;
  const time = first?.ok ? `${first.endedAt - startedAt} ms` : "none";
  return {
    cells: [name, version, `${passed}/${results.length}`, time],
    passed,
    failed: failed.map((result) => `${result.name}: ${result.error}`),
    skipped: [],
  };
}

function readResults(text: string): CheckResult[] {
  const line = text.trimEnd().split("\n").at(-1) ?? "";
  const results = line.startsWith("[{") ? JSON.parse(line) : [];
  if (results.length === 0) throw new Error(`It reported no results: ${line}`);
  return results;
}

function print(
  { cells, failed = [], skipped = [] }: Pick<Row, "cells"> & Partial<Row>,
): void {
  console.log(cells.map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0)).join(""));
  for (const line of failed) console.log(`  FAILED: ${line}`);
  for (const line of skipped) console.log(`  SKIPPED: ${line}`);
}
