import type { Result } from "./run_test_file.ts";
import type { RuntimeName, Whose } from "./runtimes.ts";

const FILE = new URL("./results.json", import.meta.url);

/** What is kept of a result; of what passed, only that. */
export type Kept = "passed" | {
  readonly result: "failed" | "not applicable";
  readonly said: string;
};

/** What became of each test, by its name. */
export type Run = Readonly<Record<string, Kept>>;

/** The runs in a runtime, by whose `tls`. */
export type Runs =
  & { readonly version: string }
  & {
    readonly [whose in Whose]?: Run;
  };

/** All that is kept. */
export type Results = { readonly [runtime in RuntimeName]?: Runs };

/** What is kept in the file. */
export async function readResults(): Promise<Results> {
  try {
    return JSON.parse(await Deno.readTextFile(FILE));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

/** Keeps them in the file. */
export async function writeResults(results: Results): Promise<void> {
  await Deno.writeTextFile(FILE, `${JSON.stringify(results, null, 2)}\n`);
}

/** The results with those of a run; tests that didn't run keep what they have. */
export function mergeResults(
  results: Results,
  runtime: RuntimeName,
  whose: Whose,
  { version, run }: { version: string; run: ReadonlyMap<string, Result> },
): Results {
  const merged = {
    ...results[runtime]?.[whose],
    ...Object.fromEntries(
      [...run].map(([name, result]) => [name, keep(result)]),
    ),
  };
  const sorted = Object.fromEntries(
    Object.entries(merged).sort(([a], [b]) => a < b ? -1 : 1),
  );
  return {
    ...results,
    [runtime]: { ...results[runtime], version, [whose]: sorted },
  };
}

function keep({ result, said = "" }: Result): Kept {
  return result === "passed" ? result : { result, said };
}
