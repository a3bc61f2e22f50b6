/**
 * `deno task mutate`: breaks the lines that guard, one at a time, and looks whether a test
 * finds out. See `--help`.
 */
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { Bench } from "./bench.ts";
import { EXPLAINED } from "./explained.ts";
import { Killers } from "./killers.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { Workshop } from "./workshop.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url)).slice(0, -1);
/** Where the lines that guard are. */
const GUARDED = ["src/ffi", "src/internal", "src/stores/encrypted", "src/tls"];
const GUARDED_FILES = ["src/stores/encrypted.ts"];
const GENERATED = "src/ffi/exports.ts";
/** Where their tests are. */
const TESTS = ["ffi", "internal", "libssl", "stores/encrypted", "tls"]
  .map((room) => `tests/${room}`);
/** Tests of other rooms that hold guards of these. */
const OTHER_TESTS = [
  "tests/stores/encrypted_test.ts",
  "tests/audit/audit_context_test.ts",
];
/** Tests that take long, use threads, or want a memory of their own. */
const LEFT_OUT =
  /(fuzz|listener_floods|manual_page\w*|policy_matrix|sandbox_memory|surface)_test\.ts$/;
/** How long tests may take with a mutant in a process of its own, in ms: more is a hang. */
const TIMEOUT = 1_800_000;

const HELP = `Usage: deno task mutate [options]

Changes a line at a time in ${GUARDED.join(", ")}: an "if" that is never
taken, a check or a wiping left out, a limit lifted. A mutant that no test finds is a
survivor: a test is missing, or tests/mutation/explained.ts says why it can't matter.

  --sample N    only N mutants, chosen by --seed: for the gate
  --seed TEXT   which ones (today's date)
  --file TEXT   only files whose path contains it, or one of several with commas between
  --kind KINDS  only these of guard, branch, check, wipe and limit, with commas between
  --list        names the mutants, tries none
  --quick       first by the tests that found mutants of the same files last time
                (tests/mutation/killers.json): for the gate
  --budget S    at most as many tests for a mutant as take S seconds (60)
  --shard I/N   only the I-th of N parts, from 1
  --save        keeps who found what, in tests/mutation/killers.json
`;

interface Flags {
  readonly sample?: string;
  readonly seed: string;
  readonly file: string;
  readonly kind: string;
  readonly list: boolean;
  readonly quick: boolean;
  readonly budget: string;
  readonly shard: string;
  readonly save: boolean;
  readonly help: boolean;
}

const flags = parsedFlags();

if (flags.help) {
  console.log(HELP);
} else {
  const mutants = chosen();
  if (mutants.length === 0) {
    console.error(
      "No mutant is of these options: see --list, and --help for the kinds.",
    );
    Deno.exitCode = 2;
  } else if (flags.list) {
    for (const mutant of mutants) console.log(nameOf(mutant));
  } else {
    Deno.exitCode = await tryAll(mutants) ? 0 : 1;
  }
}

function parsedFlags(): Flags {
  try {
    return parseArgs({
      args: Deno.args,
      options: {
        sample: { type: "string" },
        seed: {
          type: "string",
          default: new Date().toISOString().slice(0, 10),
        },
        file: { type: "string", default: "" },
        kind: { type: "string", default: "guard,branch,check,wipe,limit" },
        list: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        budget: { type: "string", default: "60" },
        shard: { type: "string", default: "1/1" },
        save: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    Deno.exit(2);
  }
}

/** Tries the mutants: whether all were found, or are explained. */
async function tryAll(mutants: readonly Mutant[]): Promise<boolean> {
  const killers = await Killers.read(ROOT);
  const known = killers.of(mutants.map(({ file }) => file));
  // An explanation that a test refutes is found by a whole run.
  const tried = mutants.filter((one) => !flags.quick || !isExplained(one));
  const found = await tryTogether(
    tried,
    flags.quick ? known : allTests(),
    killers,
  );
  const survivors = mutants.filter((mutant) => !found.has(mutant));
  const explained = survivors.filter(isExplained);
  let left = await tryAlone(
    survivors.filter((one) => !explained.includes(one)),
    killers,
  );
  if (flags.quick) {
    const others = await tryTogether(left, allTests(), killers);
    left = left.filter((mutant) => !others.has(mutant));
  }
  if (flags.save) await killers.save();
  const count = mutants.length - explained.length - left.length;
  console.log(
    `${mutants.length} mutants: ${count} found, ${explained.length} survived as explained, ${left.length} survived`,
  );
  for (const mutant of left) console.log(`  ${nameOf(mutant)}`);
  return left.length === 0;
}

/** Tries mutants in one process: those that are found. */
async function tryTogether(
  mutants: readonly Mutant[],
  tests: readonly string[],
  killers: Killers,
): Promise<Set<Mutant>> {
  const found = new Set<Mutant>();
  if (mutants.length === 0) return found;
  await using bench = await Bench.make(ROOT, mutants, tests);
  for (const [number, mutant] of mutants.entries()) {
    const by = await bench.try(
      number,
      killers.of([mutant.file]),
      Number(flags.budget) * 1000,
    );
    if (by === undefined) continue;
    killers.add(mutant.file, by);
    found.add(mutant);
    console.log(`${nameOf(mutant)}: found by ${by}`);
  }
  return found;
}

/**
 * Tries each in a process of its own: for what a file does when it is loaded, and for leaks
 * and crashes that only the test runner sees. Those that survive.
 */
async function tryAlone(
  mutants: readonly Mutant[],
  killers: Killers,
): Promise<Mutant[]> {
  await using workshop = await Workshop.make(ROOT);
  const left: Mutant[] = [];
  for (const mutant of mutants) {
    const known = killers.of([mutant.file]);
    const tests = known.length > 0 ? known : TESTS;
    const { verdict, failed = verdict } = await workshop.try(
      mutant,
      tests,
      TIMEOUT,
    );
    if (verdict === "passed") left.push(mutant);
    else killers.add(mutant.file, failed);
    const result = verdict === "passed" ? "SURVIVED" : `found by ${failed}`;
    console.log(`${nameOf(mutant)}: ${result}`);
  }
  return left;
}

function allTests(): string[] {
  return [...TESTS.flatMap(filesIn), ...OTHER_TESTS]
    .filter((file) => file.endsWith("_test.ts") && !LEFT_OUT.test(file));
}

function chosen(): Mutant[] {
  const guarded = [...GUARDED.flatMap(filesIn), ...GUARDED_FILES]
    .filter((file) => file.endsWith(".ts") && file !== GENERATED);
  const parts = flags.file.split(",");
  const missing = parts.filter((part) =>
    !guarded.some((file) => file.includes(part))
  );
  if (missing.length > 0) {
    console.error(`No file's path contains ${missing.join(" or ")}`);
    return [];
  }
  const files = guarded.filter((file) =>
    parts.some((part) => file.includes(part))
  );
  const all = files.flatMap((file) =>
    mutantsOf(file, Deno.readTextFileSync(`${ROOT}/${file}`))
  ).filter(({ kind }) => flags.kind.split(",").includes(kind));
  const [shard = 1, shards = 1] = flags.shard.split("/").map(Number);
  const mutants = all.filter((_, i) => i % shards === shard - 1);
  if (flags.sample === undefined) return mutants;
  return mutants.map((mutant) => ({ mutant, rank: rankOf(mutant, flags.seed) }))
    .toSorted((a, b) => a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0)
    .slice(0, Number(flags.sample)).map(({ mutant }) => mutant);
}

/** By what a mutant is: code that changes elsewhere leaves a sample as it was. */
function rankOf({ file, kind, text }: Mutant, seed: string): string {
  return createHash("sha256").update([seed, file, kind, text].join("\n"))
    .digest("hex");
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}/${folder}`)].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory ? filesIn(path) : [path];
  }).sort();
}

function isExplained({ file, kind, text }: Mutant): boolean {
  return EXPLAINED.some((known) =>
    known.file === file && known.kind === kind && known.text === text
  );
}

function nameOf({ file, line, kind, text }: Mutant): string {
  return `${file}:${line} ${kind} ${text.slice(0, 100)}`;
}
