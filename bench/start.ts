/**
 * From import to the end of the first handshake, each in a new process, in every runtime
 * that npm has; as ratios to Node's `tls` in the same rounds.
 *
 *   deno run --allow-all bench/start.ts [--rounds N]
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath, pathToFileURL } from "node:url";
import { run } from "../tests/runtimes/command.ts";
import { install } from "../tests/runtimes/install.ts";
import { writeCertificates } from "./certificates.ts";
import { bundleWorker, timeFirstRequest } from "./start_workerd.ts";

/** By the wall clock, and of the processor, all threads together. */
export interface StartTime {
  readonly ms: number;
  readonly cpuMs: number;
}

interface Start {
  readonly name: string;
  time(): Promise<StartTime>;
}

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** What the others are compared with. */
const PEER = "Node 24, its own tls";

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: "string", default: "7" } },
  });
  const folder = await Deno.makeTempDir({ prefix: "sesame-start-" });
  try {
    await writeCertificates(folder);
    const starts = await startsWith(folder);
    const times = await timesOf(starts, Number(values.rounds));
    console.table(rowsOf(times));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** In Deno the sources, as JSR has them; elsewhere npm's package. */
async function startsWith(folder: string): Promise<Start[]> {
  const { node20, node22, node24, bun, workerd, esbuild } = await install();
  await run(Deno.execPath(), ["task", "npm"], { cwd: ROOT });
  const sources = pathToFileURL(join(ROOT, "mod.ts")).href;
  const npm = pathToFileURL(join(ROOT, "npm/mod.js")).href;
  const script = join(ROOT, "bench/start_handshake.mjs");
  const start = (name: string, [program, ...args]: string[], of: string) => ({
    name,
    time: async () => {
      const { text } = await run(program ?? "", [...args, script, of, folder]);
      return JSON.parse(text) as StartTime;
    },
  });
  const deno = [Deno.execPath(), "run", "--allow-all", "--no-check"];
  const starts: Start[] = [start("Deno", deno, sources)];
  if (node24) starts.unshift(start(PEER, [node24], "node"));
  const others = { "Node 20": node20, "Node 22": node22, "Node 24": node24 };
  for (const [name, program] of Object.entries({ ...others, Bun: bun })) {
    if (program) starts.push(start(name, [program], npm));
  }
  if (workerd && esbuild && Deno.build.os === "linux") {
    await bundleWorker(esbuild, folder);
    const time = () => timeFirstRequest(workerd, folder);
    starts.push({ name: "workerd, its first request", time });
  }
  return starts;
}

/** All take their turn in each round: noise hits all of them. */
async function timesOf(
  starts: readonly Start[],
  rounds: number,
): Promise<Map<string, StartTime[]>> {
  const times = new Map(starts.map(({ name }) => [name, [] as StartTime[]]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, time } of starts) times.get(name)?.push(await time());
  }
  return times;
}

function rowsOf(
  times: ReadonlyMap<string, readonly StartTime[]>,
): Record<string, Record<string, string>> {
  const peer = times.get(PEER);
  const columns = {
    "ms": (time: StartTime) => time.ms,
    "CPU ms": (time: StartTime) => time.cpuMs,
  };
  return Object.fromEntries(
    [...times].map(([name, own]) => {
      const row: Record<string, string> = {};
      for (const [column, of] of Object.entries(columns)) {
        const figures = own.map(of);
        row[column] = median(figures).toFixed(1);
        if (peer === undefined) continue;
        const ratios = figures.map((figure, round) =>
          figure / of(peer[round] ?? { ms: NaN, cpuMs: NaN })
        );
        row[`${column} to ${PEER}`] = median(ratios).toFixed(2);
      }
      return [name, row];
    }),
  );
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1] ?? NaN;
}
