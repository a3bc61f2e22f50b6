/**
 * `deno task mutate`: breaks the lines that guard, one at a time, and looks whether a test
 * finds out. See `--help`.
 */
import { parseArgs } from "node:util";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FuzzRandom } from "../fuzz/random.ts";
import { EXPLAINED } from "./explained.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { measureReach, type Reach, testsOf } from "./reach.ts";
import { Workshop } from "./workshop.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url)).slice(0, -1);
const KILLERS = `${ROOT}/tests/mutation/killers.json`;
/** Where the lines that guard are. */
const GUARDED = ["src/ffi", "src/internal", "src/stores/encrypted", "src/tls"];
const GUARDED_FILES = ["src/stores/encrypted.ts"];
const GENERATED = "src/ffi/exports.ts";
/** What tests may take, over what they took unchanged: more is a hang, which is found. */
const SLOWER = 5;
const MARGIN = 60_000;
/** The same where it isn't known how long they take. */
const UNKNOWN_TIMEOUT = 1_800_000;

const HELP = `Usage: deno task mutate [options]

Changes a line at a time in ${GUARDED.join(", ")}: an "if" that is never
taken, a check or a wiping left out, a limit lifted. A mutant that no test finds is a
survivor: a test is missing, or tests/mutation/explained.ts says why it can't matter.

  --sample N    only N mutants, chosen by --seed: for the gate
  --seed TEXT   which ones (today's date)
  --file TEXT   only files whose path contains it
  --kind KINDS  only these of guard, branch, check, wipe and limit, with commas between
  --list        names the mutants, tries none
  --map FILE    which test runs which line: measured into FILE unless it is there. Without
                it the tests are those that found mutants of the same file last time
                (tests/mutation/killers.json), then all
  --budget S    at most as many tests for a mutant as take S seconds (no limit)
  --jobs N      how many at once (1)
  --shard I/N   only the I-th of N parts, from 1
  --save        keeps who found what, in tests/mutation/killers.json
`;

/** Which test files found mutants of a source file, the best first. */
type Killers = Record<string, string[]>;

const { values: flags } = parseArgs({
  args: Deno.args,
  options: {
    sample: { type: "string" },
    seed: { type: "string", default: new Date().toISOString().slice(0, 10) },
    file: { type: "string", default: "" },
    kind: { type: "string", default: "guard,branch,check,wipe,limit" },
    list: { type: "boolean", default: false },
    map: { type: "string" },
    budget: { type: "string", default: "Infinity" },
    jobs: { type: "string", default: "1" },
    shard: { type: "string", default: "1/1" },
    save: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (flags.help) {
  console.log(HELP);
} else {
  const mutants = chosen();
  if (flags.list) {
    for (const mutant of mutants) console.log(nameOf(mutant));
  } else {
    Deno.exitCode = await tryAll(mutants) ? 0 : 1;
  }
}

/** Tries the mutants: whether all were found, or are explained. */
async function tryAll(mutants: readonly Mutant[]): Promise<boolean> {
  const reaches = flags.map === undefined ? [] : await reachOf(flags.map);
  const killers = readKillers();
  const queue = [...mutants];
  const survivors: Mutant[] = [];
  let found = 0;
  let explained = 0;
  const work = async (): Promise<void> => {
    await using workshop = await Workshop.make(ROOT);
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const failed = await findMutant(workshop, mutant, reaches, killers);
      if (failed !== undefined) {
        found++;
        credit(killers, mutant.file, failed);
      } else if (explanationOf(mutant) !== undefined) {
        explained++;
      } else {
        survivors.push(mutant);
      }
      const result = failed === undefined ? "SURVIVED" : `found by ${failed}`;
      console.log(`${nameOf(mutant)}: ${result}`);
    }
  };
  await Promise.all(Array.from({ length: Number(flags.jobs) }, work));
  if (flags.save) {
    await Deno.writeTextFile(KILLERS, `${JSON.stringify(killers, null, 2)}\n`);
  }
  console.log(
    `${mutants.length} mutants: ${found} found, ${explained} survived as explained, ${survivors.length} survived`,
  );
  for (const mutant of survivors) console.log(`  ${nameOf(mutant)}`);
  return survivors.length === 0;
}

/** The test file that finds a mutant, `"timeout"` if it never ended, or `undefined`. */
async function findMutant(
  workshop: Workshop,
  mutant: Mutant,
  reaches: readonly Reach[],
  killers: Killers,
): Promise<string | undefined> {
  const known = (killers[mutant.file] ?? []).filter((test) =>
    existsSync(`${ROOT}/${test}`)
  );
  const reaching = reaches.length > 0
    ? testsOf(reaches, mutant.file, mutant.line, Number(flags.budget) * 1000)
    : ["tests"];
  const likely = reaches.length > 0
    ? known.filter((test) => reaching.includes(test))
    : known;
  const attempts = [likely, reaching.filter((test) => !likely.includes(test))];
  for (const tests of attempts) {
    if (tests.length === 0) continue;
    const { verdict, failed } = await workshop.try(
      mutant,
      tests,
      timeoutOf(tests, reaches),
    );
    if (verdict === "timeout") return "timeout";
    if (verdict === "failed") return failed ?? "a test that didn't begin";
  }
  return undefined;
}

function timeoutOf(tests: string[], reaches: readonly Reach[]): number {
  if (reaches.length === 0) return UNKNOWN_TIMEOUT;
  const usual = reaches.filter(({ test }) => tests.includes(test))
    .reduce((sum, { duration }) => sum + duration, 0);
  return MARGIN + SLOWER * usual;
}

/** The best test of a file comes first next time. */
function credit(killers: Killers, file: string, test: string): void {
  if (!test.endsWith("_test.ts")) return;
  const others = (killers[file] ?? []).filter((other) => other !== test);
  killers[file] = [test, ...others].slice(0, 8);
}

function readKillers(): Killers {
  return existsSync(KILLERS) ? JSON.parse(Deno.readTextFileSync(KILLERS)) : {};
}

async function reachOf(path: string): Promise<Reach[]> {
  if (existsSync(path)) return JSON.parse(await Deno.readTextFile(path));
  const tests = filesIn("tests").filter((file) => file.endsWith("_test.ts"));
  let done = 0;
  const reaches = await measureReach(
    ROOT,
    tests,
    (test) => console.error(`[${++done}/${tests.length}] ${test}`),
  );
  await Deno.writeTextFile(path, JSON.stringify(reaches));
  return reaches;
}

function chosen(): Mutant[] {
  const files = [...GUARDED.flatMap(filesIn), ...GUARDED_FILES].filter((file) =>
    file.endsWith(".ts") && file !== GENERATED && file.includes(flags.file)
  );
  const all = files.flatMap((file) =>
    mutantsOf(file, Deno.readTextFileSync(`${ROOT}/${file}`))
  ).filter(({ kind }) => flags.kind.split(",").includes(kind));
  const [part = 1, parts = 1] = flags.shard.split("/").map(Number);
  const mutants = all.filter((_, i) => i % parts === part - 1);
  if (flags.sample === undefined) return mutants;
  const random = new FuzzRandom(flags.seed);
  return Array.from(
    { length: Math.min(Number(flags.sample), mutants.length) },
    () => mutants.splice(random.below(mutants.length), 1),
  ).flat();
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}/${folder}`)].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory ? filesIn(path) : [path];
  }).sort();
}

function explanationOf({ file, kind, text }: Mutant): string | undefined {
  return EXPLAINED.find((known) =>
    known.file === file && known.kind === kind && known.text === text
  )?.because;
}

function nameOf({ file, line, kind, text }: Mutant): string {
  return `${file}:${line} ${kind} ${text.slice(0, 100)}`;
}
