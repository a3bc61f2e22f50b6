/**
 * The benchmark: the same measurements on every peer, in turns, as ratios.
 * README.md in this folder says what each figure means.
 *
 * @module
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { writePage } from "./markdown.ts";
import { measurements, nameOf } from "./measurements.mjs";
import { findPeers, type Peer } from "./peers.ts";
import { primitives } from "./primitives.mjs";
import { type Figure, type Line, type Measured, summarise } from "./report.ts";
import { formatTables, type Run } from "./table.ts";
import { sizesOf } from "./modules.ts";

const HELP =
  `Compares Sesame, with its kernels and without, with native OpenSSL, node:crypto and
node:tls, and packages of npm's.

Usage: deno run --allow-all bench/main.ts [options]

All of it takes about 20 minutes on two cores; the time grows with --seconds and --rounds.

  --seconds N   how long each measurement takes, after a warm-up (0.5)
  --rounds N    how often each is repeated; the figures are medians (3)
  --only TEXT   only measurements whose name contains TEXT, say "primitives" or "TLSv1.3"
  --json PATH   writes all figures to PATH, too
  --markdown PATH  puts them into a page in Markdown, as bench/README.md has them, and draws them beside it
  --modules DIR what \`./build.sh --bench DIR\` left, or where that shall be left for the next time
  --help        prints this
`;

interface Options {
  seconds: number;
  rounds: number;
  only: string;
  json: string | undefined;
  markdown: string | undefined;
  modules: string | undefined;
}

/** What peers said on standard error: once is enough, whatever the rounds. */
const complaints = new Set<string>();

if (import.meta.main) await main();

async function main(): Promise<void> {
  const options = readOptions();
  const all = [...primitives, ...measurements];
  const selected = all.filter((m) => nameOf(m).includes(options.only));
  if (selected.length === 0) {
    const names = all.map(nameOf).join("\n  ");
    fail(
      `No measurement's name contains "${options.only}". There are:\n  ${names}`,
    );
  }
  const folder = await Deno.makeTempDir({ prefix: "sesame-bench-" });
  try {
    const { peers, missing, modules } = await findPeers(
      folder,
      options.modules,
    );
    for (const sentence of missing) console.error(sentence);
    const lines = await measure(peers, selected, options);
    const results = summarise(selected, lines);
    const rounds = 1 + Math.max(...lines.map(({ round }) => round));
    const run = describeRun({ ...options, rounds });
    const sizes = await sizesOf(modules);
    console.log(formatTables(results, run, sizes));
    const report = { ...run, sizes, results };
    if (options.markdown !== undefined) {
      await writePage(options.markdown, report);
    }
    if (options.json !== undefined) {
      const text = JSON.stringify(report, null, 2) + "\n";
      await Deno.writeTextFile(options.json, text);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Every peer takes its turn at a measurement before the next: noise hits all of them. An interrupt
 * ends it with what was measured so far.
 */
async function measure(
  peers: Peer[],
  selected: Measured[],
  { rounds, seconds }: Options,
): Promise<Line[]> {
  const lines: Line[] = [];
  let interrupted = false;
  const interrupt = () => interrupted = true;
  Deno.addSignalListener("SIGINT", interrupt);
  for (let round = 0; round < rounds; round++) {
    for (const m of selected) {
      if (interrupted) break;
      const able = peers.filter((peer) => peer.measures(m.metric));
      for (const peer of rotated(able, round)) {
        progress(`Round ${round + 1} of ${rounds}: ${peer.name}: ${nameOf(m)}`);
        const values = await runPeer(peer, m, seconds);
        const { name } = peer;
        lines.push(...values.map((v) => ({ ...v, ...m, peer: name, round })));
      }
    }
  }
  Deno.removeSignalListener("SIGINT", interrupt);
  progress("");
  return lines;
}

async function runPeer(
  peer: Peer,
  m: Measured,
  seconds: number,
): Promise<Figure[]> {
  const [program = "", ...args] = peer.command;
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args, "--seconds", String(seconds), "--only", nameOf(m)],
  }).output();
  const decoder = new TextDecoder();
  const complaint = decoder.decode(stderr).trim() ||
    (success ? "" : `The ${peer.name} peer failed at "${nameOf(m)}".`);
  if (complaint && !complaints.has(complaint)) {
    progress("");
    console.error(complaint);
    complaints.add(complaint);
  }
  const lines = decoder.decode(stdout).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

function rotated<T>(values: T[], by: number): T[] {
  const at = by % Math.max(values.length, 1);
  return [...values.slice(at), ...values.slice(0, at)];
}

/** One line that is written over, where there is a terminal to write it to. */
function progress(text: string): void {
  if (!Deno.stderr.isTerminal()) return;
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
}

function describeRun({ seconds, rounds }: Options): Run {
  return {
    date: new Date().toISOString(),
    machine: {
      os: Deno.build.os,
      arch: Deno.build.arch,
      cpu: cpus()[0]?.model ?? "unknown",
      cores: navigator.hardwareConcurrency,
    },
    seconds,
    rounds,
  };
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        seconds: { type: "string", default: "0.5" },
        rounds: { type: "string", default: "3" },
        only: { type: "string", default: "" },
        json: { type: "string" },
        markdown: { type: "string" },
        modules: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      Deno.exit(0);
    }
    return {
      seconds: positive("--seconds", Number(values.seconds)),
      rounds: positive("--rounds", Math.floor(Number(values.rounds))),
      only: values.only,
      json: values.json,
      markdown: values.markdown,
      modules: values.modules,
    };
  } catch (error) {
    fail(`${(error as Error).message}\n\n${HELP}`);
  }
}

function positive(option: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(`${option} must be a positive number`);
}

function fail(message: string): never {
  console.error(message);
  Deno.exit(2);
}
