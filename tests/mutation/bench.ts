import { linesOf } from "./lines.ts";
import { type Mutant, switchable } from "./mutants.ts";
import { type Answer, MARK, type Question, type Step } from "./protocol.ts";
import { IMPORT_MAP, Workshop } from "./workshop.ts";

/** How long it may take to load all tests, or to measure them. */
const LOAD_TIMEOUT = 1_800_000;

/**
 * Tries mutants in one process that has all tests loaded: a copy of the repository, in whose
 * files all mutants are, each with a switch of its own.
 */
export class Bench implements AsyncDisposable {
  readonly #workshop: Workshop;
  readonly #tests: readonly string[];
  #process: Trial | undefined;
  #steps: readonly Step[] = [];

  private constructor(workshop: Workshop, tests: readonly string[]) {
    this.#workshop = workshop;
    this.#tests = tests;
  }

  /** Copies the repository at `root`, and measures which test comes by which mutant. */
  static async make(
    root: string,
    mutants: readonly Mutant[],
    tests: readonly string[],
  ): Promise<Bench> {
    const workshop = await Workshop.make(root);
    const numbered = mutants.map((mutant, i) => [i, mutant] as const);
    for (const file of new Set(mutants.map(({ file }) => file))) {
      const own = numbered.filter(([, mutant]) => mutant.file === file);
      const source = await Deno.readTextFile(`${root}/${file}`);
      await workshop.write(file, switchable(source, own));
    }
    const bench = new Bench(workshop, tests);
    const trial = await bench.#trial();
    const answer = await trial.ask({ measure: true }, LOAD_TIMEOUT);
    if (!answer || !("steps" in answer)) {
      throw new Error("Cannot run the tests unchanged");
    }
    bench.#steps = answer.steps;
    return bench;
  }

  /**
   * The test file that finds a mutant, `"timeout"` if one never ended, or `undefined`. Those in
   * `likely` run first, then the quickest, as many as take `budget` ms.
   */
  async try(
    number: number,
    likely: readonly string[],
    budget: number,
  ): Promise<string | undefined> {
    let left = budget;
    const rankOf = ({ file, duration }: Step): number =>
      duration * (likely.includes(file) ? 0.1 : 1);
    const steps = this.#steps.filter(({ mutants }) => mutants.includes(number))
      .toSorted((a, b) => rankOf(a) - rankOf(b))
      .filter(({ duration }) => (left -= duration) > 0)
      .map((step) => ({ ...step, mutants: [] }));
    if (steps.length === 0) return undefined;
    const trial = await this.#trial();
    const answer = await trial.ask({ mutant: number, steps }, LOAD_TIMEOUT);
    if (!answer || !("isSpoilt" in answer)) {
      this.#end();
      return "timeout";
    }
    if (answer.isSpoilt) this.#end();
    return answer.found;
  }

  /** Whether any test comes by a mutant. */
  comesBy(number: number): boolean {
    return this.#steps.some(({ mutants }) => mutants.includes(number));
  }

  /** Deletes the copy. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#workshop[Symbol.asyncDispose]();
  }

  async #trial(): Promise<Trial> {
    if (this.#process) return this.#process;
    const trial = new Trial(this.#workshop.folder);
    this.#process = trial;
    await trial.ask({ load: this.#tests }, LOAD_TIMEOUT);
    return trial;
  }

  #end(): void {
    this.#process?.end();
    this.#process = undefined;
  }
}

/** A process that runs tests. */
class Trial {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;

  constructor(folder: string) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", `--import-map=${IMPORT_MAP}`],
        "tests/mutation/trial.ts",
      ],
      cwd: folder,
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: Deno.env.has("MUTATE_VERBOSE") ? "inherit" : "null",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
  }

  /** The answer; `undefined` if none comes in time. */
  async ask(question: Question, timeout: number): Promise<Answer | undefined> {
    let timer = setTimeout(() => this.end(), timeout);
    try {
      const text = `${JSON.stringify(question)}\n`;
      await this.#writer.write(new TextEncoder().encode(text));
      for await (const line of this.#answers()) {
        const answer: Answer = JSON.parse(line);
        if (!("patience" in answer)) return answer;
        clearTimeout(timer);
        timer = setTimeout(() => this.end(), answer.patience);
      }
    } catch {
      // It has ended.
    } finally {
      clearTimeout(timer);
    }
    return undefined;
  }

  async *#answers(): AsyncGenerator<string> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) return;
      if (value.startsWith(MARK)) yield value.slice(MARK.length);
    }
  }

  end(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
