/**
 * Runs tests in one process, with one mutant after the other switched on. `mutate` talks to it
 * over its standard streams: a JSON object a line, its own behind `MARK`.
 *
 * @module
 */
import { linesOf } from "./lines.ts";
import { type Answer, MARK, type Question, type Step } from "./protocol.ts";

type Body = (t: Deno.TestContext) => void | Promise<void>;
type Definition = Omit<Deno.TestDefinition, "fn"> & { fn: Body };

interface Test {
  readonly file: string;
  readonly name: string;
  readonly body: Body;
}

/** How long a step may take unchanged, and ten times that a test. */
const MEASURE_PATIENCE = 120_000;
/** A step is given so long, and as many times what it took unchanged. */
const PATIENCE = 10_000;
const SLOWER = 10;

class Timeout extends Error {}
/** Ends a test once one of its steps has failed. */
class StepFailure extends Error {}

const { setTimeout, clearTimeout } = globalThis;
const tests: Test[] = [];
let currentFile = "";
let current = -1;
let hits = new Set<number>();
/** What nobody caught. */
let stray: unknown;

Object.assign(globalThis, {
  isMutant: (id: number): boolean => {
    hits.add(id);
    return id === current;
  },
});
for (const event of ["unhandledrejection", "error"]) {
  globalThis.addEventListener(event, (event) => {
    event.preventDefault();
    stray ??= event;
  });
}
Object.defineProperty(Deno, "test", {
  value: Object.assign(collect, { ignore: () => {}, skip: () => {} }),
});

for await (const line of linesOf(Deno.stdin.readable)) {
  tell(await answerTo(JSON.parse(line)));
}
Deno.exit();

function tell(answer: Answer): void {
  const text = `\n${MARK}${JSON.stringify(answer)}\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

async function answerTo(question: Question): Promise<Answer> {
  if ("load" in question) {
    for (currentFile of question.load) {
      await import(`${Deno.cwd()}/${currentFile}`);
    }
    return { loaded: true };
  }
  if ("measure" in question) return { steps: await measure() };
  return await tryMutant(question.mutant, question.steps);
}

/** Takes the place of `Deno.test`. */
function collect(...args: unknown[]): void {
  const [first, ...others] = args;
  const { name, fn, ignore } =
    (typeof first === "object"
      ? first
      : { name: first, fn: others.at(-1) }) as Definition;
  if (!ignore) tests.push({ file: currentFile, name, body: fn });
}

/** Runs all tests unchanged: those that pass. */
async function measure(): Promise<Step[]> {
  const steps: Step[] = [];
  for (const test of tests) steps.push(...await measureTest(test));
  return steps;
}

async function measureTest({ file, name, body }: Test): Promise<Step[]> {
  const steps: Step[] = [];
  const around = hits = new Set();
  const start = performance.now();
  const note = async (path: string, action: () => unknown): Promise<void> => {
    const start = performance.now();
    hits = new Set();
    const failure = await attempt(action, MEASURE_PATIENCE);
    const duration = performance.now() - start;
    const mutants = [...hits];
    hits = around;
    if (failure === undefined) steps.push({ file, path, duration, mutants });
    else console.error(file, path, failure);
  };
  const failure = await attempt(
    () => body(contextOf(name, note)),
    10 * MEASURE_PATIENCE,
  );
  if (failure !== undefined) {
    console.error(file, name, failure);
    return [];
  }
  if (steps.length === 0) {
    steps.push({
      file,
      path: name,
      duration: performance.now() - start,
      mutants: [],
    });
  }
  return steps.map(({ mutants, ...step }) => ({
    ...step,
    mutants: [...new Set([...mutants, ...around])],
  }));
}

/** Whether one of the steps fails with the mutant and passes without it. */
async function tryMutant(
  mutant: number,
  steps: readonly Step[],
): Promise<Answer> {
  for (const step of steps) {
    tell({ patience: 3 * patienceWith(step) });
    current = mutant;
    const failure = await runStep(step);
    current = -1;
    if (failure === undefined) continue;
    await pause();
    if (failure instanceof Timeout) return { found: step.file, isSpoilt: true };
    const isSpoilt = await runStep(step) !== undefined;
    return { found: step.file, isSpoilt };
  }
  return { found: undefined, isSpoilt: false };
}

function patienceWith({ duration }: Step): number {
  return PATIENCE + SLOWER * duration;
}

/** Why a step fails; `undefined` if it doesn't. */
async function runStep(step: Step): Promise<unknown> {
  const { file, path } = step;
  const patience = patienceWith(step);
  for (const test of tests) {
    if (test.file !== file) continue;
    if (path !== test.name && !path.startsWith(`${test.name}/`)) continue;
    let failure: unknown;
    const run = async (at: string, action: () => unknown): Promise<void> => {
      if (at !== path) return;
      failure = await attempt(action, patience);
      if (failure !== undefined) throw new StepFailure();
    };
    const other = await attempt(
      () => test.body(contextOf(test.name, run)),
      patience + PATIENCE,
    );
    if (failure ?? other) return failure ?? other;
  }
  return undefined;
}

/** What `action` throws, or leaves behind; `undefined` if it ends well. */
async function attempt(
  action: () => unknown,
  patience: number,
): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  stray = undefined;
  try {
    const timeUp = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Timeout()), patience);
    });
    await Promise.race([action(), timeUp]);
    return stray;
  } catch (error) {
    return error ?? new Error("Nothing was thrown");
  } finally {
    clearTimeout(timer);
  }
}

/** A context whose steps go to `run`; those that have steps of their own are run themselves. */
function contextOf(
  path: string,
  run: (path: string, action: () => unknown) => Promise<unknown>,
): Deno.TestContext {
  const step = async (...args: unknown[]): Promise<boolean> => {
    const [first] = args;
    const { name, fn, ignore, suite } =
      (typeof first === "object" ? first : { name: first, fn: args[1] }) as
        & Definition
        & { suite?: unknown };
    if (ignore) return false;
    const at = `${path}/${name}`;
    const context = contextOf(at, run);
    if (suite !== undefined) await fn(context);
    else await run(at, () => fn(context));
    return true;
  };
  return { name: path, origin: "", parent: undefined, step } as never;
}

/** Lets what a failure has left behind come to its end. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
