import { Workshop } from "./workshop.ts";

const TEST_TIMEOUT = 120_000;

/** Which lines of which files a test file runs, and how long it takes. */
export interface Reach {
  /** The test file. */
  readonly test: string;
  /** How long it took, in ms. */
  readonly duration: number;
  /** Lines that ran, by source file. */
  readonly lines: Readonly<Record<string, readonly number[]>>;
}

/**
 * The test files that run a line, those that run little else first: as many as take
 * `budget` ms together.
 */
export function testsOf(
  reaches: readonly Reach[],
  file: string,
  line: number,
  budget: number,
): string[] {
  let left = budget;
  return reaches.filter(({ lines }) => lines[file]?.includes(line))
    .toSorted((a, b) => a.duration * breadthOf(a) - b.duration * breadthOf(b))
    .filter(({ duration }) => (left -= duration) > 0)
    .map(({ test }) => test);
}

function breadthOf({ lines }: Reach): number {
  return Object.values(lines).reduce((sum, { length }) => sum + length, 0);
}

/** Measures what each test file runs, one after the other; what fails is left out. */
export async function measureReach(
  root: string,
  tests: readonly string[],
  onDone: (test: string) => void,
): Promise<Reach[]> {
  await using workshop = await Workshop.make(root);
  const reaches: Reach[] = [];
  for (const test of tests) {
    const start = performance.now();
    const folder = await Deno.makeTempDir({ prefix: "sesame-coverage-" });
    const { verdict } = await workshop.run([test], TEST_TIMEOUT, [
      `--coverage=${folder}`,
      "--coverage-raw-data-only",
    ]);
    if (verdict === "passed") {
      const lines = await linesOf(workshop.folder, folder);
      reaches.push({ test, duration: performance.now() - start, lines });
    }
    await Deno.remove(folder, { recursive: true });
    onDone(test);
  }
  return reaches;
}

/** The lines that ran, out of the report in LCOV's form. */
async function linesOf(
  root: string,
  folder: string,
): Promise<Record<string, number[]>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["coverage", folder, "--lcov", "--include=/src/"],
    cwd: root,
    stderr: "null",
  }).output();
  const lines: Record<string, number[]> = {};
  let current: number[] = [];
  for (const row of new TextDecoder().decode(stdout).split("\n")) {
    const [key, value = ""] = row.split(":", 2);
    if (key === "SF") {
      current = lines[row.slice(`SF:${root}/`.length)] = [];
    } else if (key === "DA") {
      const [line, count] = value.split(",").map(Number);
      if (line && count) current.push(line);
    }
  }
  return lines;
}
