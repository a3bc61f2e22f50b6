/**
 * `deno task test:node-suite`: runs Node's own tests of TLS and HTTPS in Node 24, Deno and
 * Bun, with each runtime's own `node:tls` and with Sesame's in its place.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run } from "../runtimes/command.ts";
import { install } from "../runtimes/install.ts";
import { besideOpenssl, opensslFolder } from "./beside_openssl.ts";
import { buildRegister } from "./build.ts";
import { mergeResults, readResults, writeResults } from "./results.ts";
import { type Result, runNodeTest } from "./run_test_file.ts";
import { type RuntimeName, RUNTIMES, type Whose } from "./runtimes.ts";
import { writeReport } from "./report.ts";
import { type NodeTest, nodeTests, suiteFolder } from "./tests.ts";

const HELP = `
Runs Node's own tests of TLS and HTTPS. NODE_TEST_DIR names the folder that has them: "test" of
Node's sources, or a folder with it.

  --runtime node24,deno,bun  in which runtimes; by default all
  --tls ours,own             with whose node:tls; by default both
  --only WORDS               only the tests whose names have one of the words
  --jobs N                   so many at one time; by default 1
  --show                     print what failed tests printed
  --write                    keep the results in tests/node_suite/results.json, and docs/node.md`
  .trim();

const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: Object.keys(RUNTIMES).join() },
    tls: { type: "string", default: "ours,own" },
    only: { type: "string", default: "" },
    jobs: { type: "string", default: "1" },
    show: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  Deno.exit(0);
}

const folder = suiteFolder();
if (folder === undefined) {
  console.log(
    "SKIPPED: Node's tests are missing (set NODE_TEST_DIR to the folder test of Node's sources)",
  );
  console.log("0 passed, 0 failed, 1 skipped");
  Deno.exit(0);
}

const words = values.only.split(",");
const tests = nodeTests(folder).filter(({ name }) =>
  words.some((word) => name.includes(word))
);
const programs: Partial<Record<string, string>> = {
  ...await install(),
  deno: Deno.execPath(),
};
const home = await opensslFolder();
const built = await buildRegister(join(home, "sesame"));
let results = await readResults();
let passed = 0;
let failed = 0;
for (const runtime of values.runtime.split(",") as RuntimeName[]) {
  const program = programs[runtime];
  if (program === undefined) throw new Error(`${runtime} can't be installed`);
  const version = await versionOf(program);
  const beside = await besideOpenssl(program, home);
  for (const whose of values.tls.split(",") as Whose[]) {
    const register = whose === "ours" ? built : undefined;
    const ended = await runAll(runtime, whose, { program: beside, register });
    results = mergeResults(results, runtime, whose, { version, run: ended });
    if (values.write) await writeResults(results);
  }
}
await Deno.remove(home, { recursive: true });
if (values.write) await writeReport(results);
console.log(`${passed} passed, ${failed} failed`);

/** As the program tells it. */
async function versionOf(program: string): Promise<string> {
  const { text } = await run(program, ["--version"]);
  return text.match(/\d[\w.-]+/)?.[0] ?? "of unknown version";
}

/** Runs the chosen tests, several at a time. */
async function runAll(
  runtime: RuntimeName,
  whose: Whose,
  how: { program: string; register: string | undefined },
): Promise<Map<string, Result>> {
  const results = new Map<string, Result>();
  const queue = [...tests];
  const work = async () => {
    for (let test = queue.shift(); test; test = queue.shift()) {
      const { text, ...result } = await runNodeTest(test, runtime, how);
      results.set(test.name, result);
      tell(test, `${runtime} ${whose}`, result, text);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  return results;
}

function tell(
  { name }: NodeTest,
  where: string,
  { result, said, milliseconds }: Result,
  text: string,
): void {
  if (result === "passed") passed++;
  if (result === "failed") failed++;
  const why = said === undefined ? "" : `: ${said}`;
  console.log(`${where} ${name} ${result} (${milliseconds} ms)${why}`);
  if (values.show && result === "failed") console.log(text);
}
