/**
 * `deno task test`: runs the tests in `tests/` and the examples in the docs.
 * Their `@std` modules come from JSR, or where JSR can't be reached from the
 * offline adapters in `tests/std/`.
 *
 * Files run in parallel, those that take longest first, while the types of all are checked.
 * Those in `tests/alone/` run one after the other once the rest is done: they change what
 * all files share, or measure what others would disturb.
 *
 * Arguments go to `deno test`; paths among them replace the usual ones, and then
 * nothing is in parallel. The last line is "N passed, N failed", of single tests (not
 * counting the suites they are in), and ", N skipped" if any were. The exit code is
 * that of `deno test`.
 */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const IMPORT_MAP = "tests/std/import_map.json";
const USUAL_PATHS = ["tests", "src", "mod.ts", "README.md", "docs"];
const ALONE = "tests/alone";
/** Those that take longest: begun last, they would have one processor idle at the end. */
const LONGEST = [
  "stores/cloudflare/workerd",
  "testing/scenarios",
  "docs/playground/page",
  "stores/redis",
  "stores/directory",
  "stores/kv",
  "tls/sessions/policy_matrix",
  "testing/pair/faults",
  "bench/load",
  "cli/connect",
  "cli/audit",
  "libssl/x509/crafted_certificates",
  "tls/context/chosen_context",
  "testing/pki/openssl",
  "run",
  "tls/sessions/revalidate",
  "testing/pair",
  "docs/site/site",
  "docs/legacy",
  "docs/examples",
  "tls/deno/pending_handshakes",
  "cli/serve/forward",
  "cli/serve/bad_clients",
  "cli/session",
  "cli/credentials",
  "cli/serve/sessions",
].map((name) => `tests/${name}_test.ts`);
/** Some files mostly wait, for processes and for what takes time. */
const JOBS = navigator.hardwareConcurrency + 2;
const PROBE_TIMEOUT = 3_000;

const HELP = `
Runs the tests, and the examples in the documentation.

  deno task test                          all
  deno task test tests/tls/engine/engine_test.ts     those of some files
  deno task test FILE --filter "resumes"  those with a name; other flags go to deno test, too

What needs a program that isn't installed is skipped, and says what to install.`
  .trim();

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
  console.log(HELP);
  Deno.exit(0);
}

const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
const offline = await whyNoJsr();
console.log(
  offline === undefined
    ? "Tests use @std/assert and @std/testing from JSR."
    : `Tests use the offline adapters in tests/std/: ${offline}.`,
);
// deno.lock is of npm's packages: no machine without JSR could write down JSR's.
const MODULES = offline === undefined
  ? "--no-lock"
  : `--import-map=${IMPORT_MAP}`;

let code = 0;
if (namesPaths(Deno.args)) {
  await runTests(Deno.args);
} else {
  const check = checkTypes();
  const args = [...Deno.args, "--no-check"];
  await runTests(
    [...args, "--parallel", ...LONGEST, ...USUAL_PATHS.flatMap(parallelPaths)],
  );
  await runTests([...args, ALONE]);
  await check;
}
if (code !== 0 && counts.failed === 0) {
  console.log("No test failed, but the run did; that counts as one.");
  counts.failed = 1;
}
close(code);

/** What of a path may run in parallel: of several paths, `deno test --ignore` leaves nothing out. */
function parallelPaths(path: string): string[] {
  if (!ALONE.startsWith(`${path}/`)) return [path];
  return [...Deno.readDirSync(resolve(ROOT, path))]
    .filter(({ name, isDirectory }) => isDirectory || name.endsWith("_test.ts"))
    .map(({ name }) => `${path}/${name}`)
    .filter((entry) => entry !== ALONE);
}

/** Checks the types of all that is tested, and of the examples; sets `code` if they are wrong. */
async function checkTypes(): Promise<void> {
  // Of a folder, unlike `deno test`, it takes no Markdown.
  const docs = await Array.fromAsync(Deno.readDir(resolve(ROOT, "docs")));
  const pages = docs.filter(({ name }) => name.endsWith(".md"))
    .map(({ name }) => `docs/${name}`);
  // docs/playground and docs/site have the types of a page, which .ci/run checks by themselves.
  const paths = USUAL_PATHS.filter((path) => path !== "docs");
  const { success, code: failure, stderr } = await new Deno.Command(
    Deno.execPath(),
    { args: ["check", "--doc", MODULES, ...paths, ...pages], cwd: ROOT },
  ).output();
  if (success) return;
  console.log(new TextDecoder().decode(stderr));
  code ||= failure;
}

/** Has `deno test` run them; adds to `counts`, and sets `code` if it fails. */
async function runTests(args: string[]): Promise<void> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const status = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "-A",
      "--doc",
      `--junit-path=${report}`,
      MODULES,
      ...args,
    ],
    cwd: ROOT,
    env: { DENO_JOBS: Deno.env.get("DENO_JOBS") ?? String(JOBS) },
  }).spawn().status;
  const { passed, failed, skipped } = countTests(
    await Deno.readTextFile(report),
  );
  await Deno.remove(report);
  counts.passed += passed;
  counts.failed += failed;
  counts.skipped += skipped;
  code ||= status.code;
}

/** Prints the closing line, and ends. */
function close(code: number): never {
  const { passed, failed, skipped } = counts;
  const line = `${passed} passed, ${failed} failed`;
  console.log(skipped === 0 ? line : `${line}, ${skipped} skipped`);
  Deno.exit(code);
}

/** Asks JSR for a package; returns why it didn't answer, if so. */
async function whyNoJsr(): Promise<string | undefined> {
  const registry = Deno.env.get("JSR_URL") ?? "https://jsr.io/";
  const url = new URL("/@std/assert/meta.json", registry);
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT);
    const response = await fetch(url, { signal });
    await response.body?.cancel();
    if (response.ok) return undefined;
    return `${url.host} answered ${response.status}`;
  } catch (error) {
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    return `${url.host} ${timedOut ? "did not answer" : "can't be reached"}`;
  }
}

/** Whether there are paths among the arguments. */
function namesPaths(args: string[]): boolean {
  return args.some((arg, i) =>
    args[i - 1] !== "--filter" && existsSync(resolve(ROOT, arg))
  );
}

/** Reads Deno's JUnit report, where suites are listed among the tests. */
function countTests(report: string): Counts {
  const cases = [...report.matchAll(
    /<testcase name="([^"]*)"[^>]*>(.*?)<\/testcase>/gs,
  )].map(([, name = "", result = ""]) => ({
    name,
    failed: result.includes("<failure"),
    skipped: result.includes("<skipped"),
  }));
  const suites = new Set(cases.flatMap(({ name }) => suitesOf(name)));
  const failedSuites = new Set(
    cases.filter(({ failed }) => failed).flatMap(({ name }) => suitesOf(name)),
  );

  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, failed, skipped } of cases) {
    // A suite fails by its tests, which are counted, or by itself.
    if (failed) counts.failed += failedSuites.has(name) ? 0 : 1;
    // A suite that is skipped has no tests, though another of its name may.
    else if (skipped) counts.skipped++;
    else if (suites.has(name)) continue;
    else counts.passed++;
  }
  return counts;
}

/** "a > b > c" is in the suites "a" and "a > b". */
function suitesOf(name: string): string[] {
  const parts = name.split(" &gt; ");
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join(" &gt; "));
}
