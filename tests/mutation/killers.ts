import { existsSync } from "node:fs";

const MOST = 16;

/** Which test files found mutants of a source file, the best first. */
export class Killers {
  readonly #root: string;
  readonly #tests: Map<string, string[]>;

  private constructor(root: string, tests: Record<string, string[]>) {
    this.#root = root;
    this.#tests = new Map(Object.entries(tests));
  }

  /** What was kept in the repository at `root`. */
  static async read(root: string): Promise<Killers> {
    return new Killers(
      root,
      JSON.parse(await Deno.readTextFile(pathIn(root))),
    );
  }

  /** The test files that found mutants of these files, as far as they exist still. */
  of(files: readonly string[]): string[] {
    const tests = files.flatMap((file) => this.#tests.get(file) ?? []);
    return [...new Set(tests)].filter((test) =>
      existsSync(`${this.#root}/${test}`)
    );
  }

  /** The best test of a file comes first next time. */
  add(file: string, test: string): void {
    if (!test.endsWith("_test.ts")) return;
    const others = (this.#tests.get(file) ?? []).filter((one) => one !== test);
    this.#tests.set(file, [test, ...others].slice(0, MOST));
  }

  /** Keeps them for the next time. */
  async save(): Promise<void> {
    const tests = [...this.#tests]
      .filter(([file]) => existsSync(`${this.#root}/${file}`))
      .toSorted(([a], [b]) => a < b ? -1 : 1);
    await Deno.writeTextFile(
      pathIn(this.#root),
      `${JSON.stringify(Object.fromEntries(tests), null, 2)}\n`,
    );
  }
}

function pathIn(root: string): string {
  return `${root}/tests/mutation/killers.json`;
}
