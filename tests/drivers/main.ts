/**
 * `deno task test:drivers`: npm's drivers against the servers that they are for, in Deno,
 * Node.js and Bun, through `@sesame/tls/node`. The servers are Debian's and started here.
 * A driver passes if its first connection is full and its second resumed, in TLS 1.3 and 1.2.
 *
 * `--own` has them use the runtime's own `node:tls`; `--driver NAME` and `--runtime NAME`
 * are for one of them. The last line is "N passed, N failed", and ", N skipped" if any were:
 * what is missing is skipped, but where the variable `CI` is `true` it has failed.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { install, installDrivers, type Tool } from "../runtimes/install.ts";
import { Tally } from "../support/tally.ts";
import { DRIVERS } from "./drivers/mod.ts";
import { tryGuide } from "./guide.ts";
import { tryHttpsGuide } from "./https_guide.ts";
import { startServers } from "./servers/mod.ts";
import type { Driver, Files, Result } from "./site.ts";

const PROCESS = fileURLToPath(new URL("process.ts", import.meta.url));
const DEADLINE_MS = 120_000;

const { values } = parseArgs({
  options: {
    own: { type: "boolean", default: false },
    driver: { type: "string" },
    runtime: { type: "string" },
  },
});

const tally = new Tally();
const packages = await installDrivers();
if (packages === undefined) tally.skip("the drivers", "npm and its registry");
else await tryAll(packages, await install());
tally.end();

/** Tries the drivers in all runtimes. */
async function tryAll(
  packages: string,
  tools: Partial<Record<Tool, string>>,
): Promise<void> {
  await using servers = await startServers();
  const site = join(servers.folder, "site.json");
  const { ca, cert, key } = servers.site;
  const files = await writePem(servers.folder, { ca, cert, key });
  await Deno.writeTextFile(
    site,
    JSON.stringify({ ...servers.site, files, packages }),
  );
  const drivers = chosen(DRIVERS, values.driver)
    .filter(({ isOurs }) => !isOurs || !values.own);
  const present = drivers.filter(({ name, visits }) => {
    const missing = visits.flatMap((server) =>
      servers.missing.get(server) ?? []
    );
    if (missing.length > 0) tally.skip(name, missing.join("; "));
    return missing.length === 0;
  });
  for (const runtime of chosen(runtimesWith(tools), values.runtime)) {
    await tryIn(runtime, present, site);
  }
  const { node24 } = tools;
  if (values.own || values.driver || values.runtime || !node24) return;
  const whole = { ...servers.site, files, packages };
  for (const { name, error } of await tryHttpsGuide(node24, whole)) {
    tally.add(error === undefined);
    console.log(`docs/https.md  ${name}: ${error ?? "resumes"}`);
  }
  for (const { name, missing, error } of await tryGuide(node24, whole)) {
    if (missing.length > 0) continue;
    tally.add(error === undefined);
    console.log(`docs/drivers.md  ${name}: ${error ?? "runs"}`);
  }
}

async function writePem(folder: string, texts: Files): Promise<Files> {
  const entries = Object.entries(texts).map(async ([name, text]) => {
    const path = join(folder, `client-${name}.pem`);
    await Deno.writeTextFile(path, text);
    return [name, path];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Tries drivers in a runtime, and prints what became of each. */
async function tryIn(
  { name, command }: Runtime,
  drivers: readonly Driver[],
  site: string,
): Promise<void> {
  const [program, ...args] = command;
  if (program === undefined) {
    return tally.skip(name, "npm and its registry, on Linux");
  }
  const { stdout, stderr } = await new Deno.Command(program, {
    args: [
      ...args,
      PROCESS,
      site,
      values.own ? "own" : "ours",
      ...drivers.map((driver) => driver.name),
    ],
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).output();
  const results = new Map(
    new TextDecoder().decode(stdout).split("\n").filter((line) =>
      line.startsWith("{")
    )
      .map((line): Result => JSON.parse(line)).map((
        result,
      ) => [result.driver, result]),
  );
  for (const driver of drivers) {
    const { ms, error = undefined } = results.get(driver.name) ??
      { ms: 0, error: `no result: ${new TextDecoder().decode(stderr)}` };
    const outcome = error === undefined
      ? `resumed, says the ${driver.witness}`
      : `FAILED: ${error}`;
    tally.add(error === undefined);
    console.log(
      `${name.padEnd(9)}${driver.name.padEnd(12)}${
        `${ms} ms`.padStart(8)
      }  ${outcome}`,
    );
  }
}

interface Runtime {
  readonly name: string;
  /** A program and its arguments; nothing if it is missing. */
  readonly command: readonly string[];
}

function runtimesWith(
  { node22, node24, bun }: Partial<Record<Tool, string>>,
): Runtime[] {
  const command = (program: string | undefined): string[] =>
    program === undefined ? [] : [program];
  return [
    {
      name: "Deno",
      command: [
        Deno.execPath(),
        "run",
        "-A",
        "--no-check",
        "--unstable-detect-cjs",
      ],
    },
    { name: "Node 22", command: command(node22) },
    { name: "Node 24", command: command(node24) },
    { name: "Bun", command: command(bun) },
  ];
}

function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  name: string | undefined,
): T[] {
  return all.filter((one) => name === undefined || one.name === name);
}
