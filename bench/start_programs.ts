/**
 * What starts, and how: each time in a new process.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import config from "../deno.json" with { type: "json" };
import type { Consumer } from "../tests/registry/consumer.ts";
import type { Registry } from "../tests/registry/registry.ts";
import { type Report, run } from "../tests/runtimes/command.ts";
import { install } from "../tests/runtimes/install.ts";
import { bundleWorker, timeFirstRequest } from "./start_workerd.ts";

/** By the wall clock, and of the processor, all threads together. */
export interface Time {
  readonly ms: number;
  readonly cpuMs: number;
}

/** What comes one after another. */
export const PHASES = [
  "module",
  "JavaScript",
  "contexts",
  "handshake",
] as const;

/** How long one start took. */
export interface Start {
  readonly whole: Time;
  readonly phases: Readonly<Partial<Record<typeof PHASES[number], Time>>>;
}

/** What can be started. */
export interface Program {
  readonly name: string;
  /** Sesame's start. */
  start(): Promise<Start>;
  /** The start of the runtime's own `tls`. */
  startOwn?(): Promise<Start>;
}

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const SCRIPT = join(ROOT, "bench/start_handshake.mjs");
const DENO = ["run", "--quiet", "--allow-all", "--no-check"];

/**
 * All that this machine has: in Deno the sources and JSR's package, elsewhere npm's. The
 * consumer's folder has the certificates.
 */
export async function startable(
  consumer: Consumer,
  registry: Registry,
): Promise<Program[]> {
  const { folder } = consumer;
  const { node20, node22, node24, bun, workerd, esbuild } = await install();
  await run(Deno.execPath(), ["task", "npm"], { cwd: ROOT });
  const npm = [inCheckout("npm/mod.js"), inCheckout("npm/wasm/file.js")];
  const sources = [inCheckout("mod.ts"), inCheckout("wasm/module.ts")];
  const runtimes = {
    "Node 20": node20,
    "Node 22": node22,
    "Node 24": node24,
    Bun: bun,
  };
  const programs = [
    programOf(
      "Deno, a checkout",
      Deno.execPath(),
      [...DENO, SCRIPT, folder],
      sources,
    ),
    fromRegistry(consumer, registry),
  ];
  for (const [name, program] of Object.entries(runtimes)) {
    if (program) programs.push(programOf(name, program, [SCRIPT, folder], npm));
  }
  if (workerd && esbuild && Deno.build.os === "linux") {
    await bundleWorker(esbuild, folder);
    const start = () => timeFirstRequest(workerd, folder);
    programs.push({ name: "workerd, a first request", start });
  }
  return programs;
}

function inCheckout(path: string): string {
  return pathToFileURL(join(ROOT, path)).href;
}

function programOf(
  name: string,
  program: string,
  args: readonly string[],
  sesame: readonly string[],
): Program {
  return startedBy(name, sesame, (more) => run(program, [...args, ...more]));
}

/** Deno with the package for JSR, out of its cache. The checkout's configuration would have it be the checkout. */
function fromRegistry(consumer: Consumer, { url }: Registry): Program {
  const { name, version } = config;
  const sesame = [
    `jsr:${name}@${version}`,
    `${url}${name}/${version}/wasm/module.ts`,
  ];
  const args = [...DENO, "--no-config", SCRIPT, consumer.folder];
  return startedBy(
    "Deno, from JSR",
    sesame,
    (more) => consumer.deno(...args, ...more),
  );
}

function startedBy(
  name: string,
  sesame: readonly string[],
  runScript: (args: readonly string[]) => Promise<Report>,
): Program {
  const start = async (args: readonly string[]) =>
    JSON.parse((await runScript(args)).text);
  return {
    name,
    start: () => start(sesame),
    startOwn: () => start(["node"]),
  };
}
