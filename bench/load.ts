/**
 * `deno task load`: many clients against TLS servers, full and resumed. `--help` tells
 * what it can do.
 *
 * @module
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { Clients, type ClientSettings } from "./load/clients.ts";
import { runHold } from "./load/hold.ts";
import { runPhases } from "./load/load.ts";
import { type LoadOptions, NoRun, readOptions } from "./load/options.ts";
import { countErrors, formatRuns, type Run } from "./load/report.ts";
import { type Server, serverFor } from "./load/server.ts";

if (import.meta.main) Deno.exit(await main());

/** Runs what the command line says: the exit code. */
async function main(): Promise<number> {
  try {
    const options = readOptions(Deno.args);
    checkFiles(options);
    checkNode();
    const runs: Run[] = [];
    for (const version of options.versions) {
      runs.push(await run(version, options));
    }
    return await report(runs, options);
  } catch (error) {
    if (error instanceof NoRun) return error.exitCode;
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

async function run(
  version: ClientSettings["version"],
  options: LoadOptions,
): Promise<Run> {
  // A server that has grown for one version would spoil the memory of the next.
  await using server = await serverFor(options);
  await using clients = new Clients(
    settingsFor(version, options, server),
    options.clientProcesses,
  );
  if (options.hold === undefined) {
    const results = await runPhases(version, clients, server, options);
    return { tls: version, results, hold: undefined };
  }
  const hold = await runHold(version, clients, server, options);
  return { tls: version, results: [], hold };
}

function settingsFor(
  version: ClientSettings["version"],
  { clients, request, timeout, insecure }: LoadOptions,
  { targets, isEcho, ca }: Server,
): ClientSettings {
  const [{ hostname } = { hostname: "localhost" }] = targets;
  const get =
    `GET / HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`;
  const isHttp = request === undefined && !isEcho;
  return {
    targets,
    version,
    clients,
    request: isHttp ? get : request ?? "hello",
    isHttp,
    end: !isHttp,
    timeout: timeout * 1000,
    ca,
    insecure,
  };
}

async function report(runs: Run[], options: LoadOptions): Promise<number> {
  const { json, maxErrors } = options;
  const errors = countErrors(runs);
  const text = formatRuns(runs, Deno.stdout.isTerminal());
  if (json === "-") console.error(text);
  else console.log(text);
  if (json !== undefined) {
    const figures = JSON.stringify(describe(runs, options, errors), null, 2);
    if (json === "-") console.log(figures);
    else await Deno.writeTextFile(json, figures + "\n");
  }
  return errors > maxErrors ? 1 : 0;
}

function describe(
  runs: Run[],
  { targets, clients, seconds, workers, store }: LoadOptions,
  errors: number,
): Record<string, unknown> {
  return {
    date: new Date().toISOString(),
    machine: {
      os: Deno.build.os,
      arch: Deno.build.arch,
      cpu: cpus()[0]?.model,
      cores: navigator.hardwareConcurrency,
    },
    targets: targets.map(({ hostname, port }) => `${hostname}:${port}`),
    clients,
    seconds,
    workers,
    store,
    runs: runs.map(({ tls, results, hold }) => ({
      tls,
      phases: results.map(({ figures }) => figures),
      hold,
    })),
    errors,
  };
}

/** What is wrong with files is said before the run, not after it. */
function checkFiles({ ca, json }: LoadOptions): void {
  if (ca !== undefined) {
    const text = attempt(
      `Cannot read --ca ${ca}`,
      () => readFileSync(ca, "utf8"),
    );
    if (!text.includes("-----BEGIN ")) {
      throw new Error(`Cannot read --ca ${ca}: it has no PEM`);
    }
  }
  if (json !== undefined && json !== "-") {
    // What was there stays until there are new figures.
    attempt(
      `Cannot write --json ${json}`,
      () => closeSync(openSync(json, "a")),
    );
  }
}

function attempt<T>(complaint: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new Error(
      `${complaint}: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
}

/** Deno answers to the name of node where there is none. */
function checkNode(): void {
  const check = "process.exit('Deno' in globalThis ? 1 : 0)";
  try {
    const { success } = new Deno.Command("node", { args: ["-e", check] })
      .outputSync();
    if (success) return;
  } catch {
    // There is none at all.
  }
  throw new Error(
    "The clients need Node 20 or newer in PATH (https://nodejs.org)",
  );
}
