/**
 * The figures as tables, one a metric; of text they are 100 columns wide at most.
 *
 * @module
 */
import type { Sizes } from "./modules.ts";
import type { Ratio, Result } from "./report.ts";

/** When, where and how all was measured. */
export interface Run {
  date: string;
  machine: { os: string; arch: string; cpu: string; cores: number };
  seconds: number;
  rounds: number;
}

interface Unit {
  title: string;
  scale: number;
  digits: number;
}

const RATIOS = ["native", "plain", "deno", "node", "npm"];

/** The packages' marks beside ratios, and their names. */
const PACKAGES: Record<string, [mark: string, name: string]> = {
  noble: ["n", "@noble"],
  libsodium: ["s", "libsodium"],
  liboqs: ["o", "@oqs/liboqs-js"],
  "hash-wasm": ["h", "hash-wasm"],
  "rsa.wasm": ["r", "@hazae41/rsa.wasm"],
};

/** How a metric's values are printed. */
const UNITS: Record<string, Unit> = {
  "primitives, bulk": {
    title: "primitives, MB/s of 16 KiB",
    scale: 1e-6,
    digits: 0,
  },
  primitives: { title: "primitives, operations/s", scale: 1, digits: 0 },
  "handshakes/s": { title: "handshakes/s", scale: 1, digits: 0 },
  "server's side/s": {
    title: "TlsEngine's servers, connections/s",
    scale: 1,
    digits: 0,
  },
  "handshakes/s over TCP": {
    title: "handshakes/s over TCP",
    scale: 1,
    digits: 0,
  },
  "handshakes/s over TCP, cold": {
    title: "handshakes/s over TCP, cold",
    scale: 1,
    digits: 0,
  },
  "bytes/s": { title: "application data, MB/s", scale: 1e-6, digits: 0 },
  "read/write over TCP": {
    title: "read/write over TCP, of the engine's rate",
    scale: 1,
    digits: 2,
  },
  "pipeTo over TCP": {
    title: "pipeTo over TCP, of the engine's rate",
    scale: 1,
    digits: 2,
  },
  "requests/s": { title: "HTTPS requests/s", scale: 1, digits: 0 },
  "requests/s, serveTls": {
    title: "HTTPS requests/s, serveTls to Node's https",
    scale: 1,
    digits: 0,
  },
  "malloc/connection": {
    title: "malloc, KB a pair *",
    scale: 1e-3,
    digits: 1,
  },
  "rss/connection": { title: "RSS, KB a pair *", scale: 1e-3, digits: 1 },
  "rss/connection over TCP": {
    title: "RSS over TCP, KB a connection *",
    scale: 1e-3,
    digits: 1,
  },
  "ms from start": { title: "ms from start *", scale: 1, digits: 1 },
  "ms from import": { title: "ms from import *", scale: 1, digits: 1 },
};

/** One metric's figures: the first column says of what, the others are of Sesame, native OpenSSL and ratios. */
export interface Table {
  title: string;
  header: string[];
  rows: string[][];
}

/** All tables, with what is to be known of the run, its peers and the module below. */
export function formatTables(
  results: Result[],
  run: Run,
  sizes: Sizes,
): string {
  const tables = tablesOf(results).map(({ title, header, rows }) =>
    [[title, ...header], ...rows.map(([row, ...rest]) => [`  ${row}`, ...rest])]
      .map(([first = "", ...rest]) =>
        first.padEnd(42) + rest.map((cell) => cell.padStart(8)).join("")
      ).join("\n")
  );
  return [...tables, notesOf(results, run, sizes).join("\n")].join("\n\n");
}

export function tablesOf(results: Result[]): Table[] {
  return [...Map.groupBy(results, groupOf)].map(([group, rows]) =>
    tableOf(group, rows)
  );
}

/** What is to be known of the run, its peers and the module. */
export function notesOf(results: Result[], run: Run, sizes: Sizes): string[] {
  const { os, arch, cpu, cores } = run.machine;
  return [
    `${run.date.slice(0, 10)}, ${os} ${arch}, ${cpu}, ${cores} processors; ` +
    `${run.rounds} round${run.rounds === 1 ? "" : "s"} of ${run.seconds} s`,
    "Columns that begin with \"/\": Sesame's figures divided by the others', medians of the",
    `rounds${spread(results)}. * less is better`,
    ...marks(results),
    ...remarks(results),
    ...Object.entries(sizes).map(([name, { raw, brotli }]) =>
      `${name}: ${raw} bytes, ${brotli} compressed by Brotli`
    ),
    ...runtimes(results),
  ];
}

/** Rows of the same group have the same unit. */
export function groupOf(result: Result): string {
  return "primitive" in result && result.bytes > 0
    ? "primitives, bulk"
    : result.metric;
}

function tableOf(group: string, results: Result[]): Table {
  const unit = UNITS[group] ?? { title: group, scale: 1, digits: 2 };
  const used = RATIOS.filter((name) => results.some((r) => name in r.ratios));
  return {
    title: unit.title,
    header: ["Sesame", "native", ...used.map((name) => `/${name}`)],
    rows: results.map((result) => [
      describe(result),
      value(result, "sesame", unit),
      value(result, "native", unit),
      ...used.map((name) => ratio(result, name)),
    ]),
  };
}

function value({ peers }: Result, peer: string, unit: Unit): string {
  const { median } = peers[peer] ?? {};
  if (median === undefined) return "-";
  return (median * unit.scale).toFixed(unit.digits);
}

function ratio(result: Result, name: string): string {
  const found = result.ratios[name];
  if (found === undefined) return "-";
  const [mark] = PACKAGES[result.fastestPackage ?? ""] ?? [];
  const suffix = name === "npm"
    ? ` ${mark}`
    : result.peers[name]?.remark
    ? " †"
    : "";
  return digits(found) + suffix;
}

function digits({ median }: Ratio): string {
  if (median >= 100) return median.toFixed(0);
  if (median >= 10) return median.toFixed(1);
  return median.toFixed(median < 0.1 ? 3 : 2);
}

/** A row's name within its group. */
export function describe(m: Result): string {
  if ("primitive" in m) return m.primitive;
  if (m.metric === "bytes/s") return m.cipher;
  const version = m.version.replace("TLSv", "TLS ");
  const group = m.group === "X25519" ? [] : [m.group];
  const mode = m.resumed === undefined ? [] : [m.resumed ? "resumed" : "full"];
  const tickets = m.tickets === undefined ? [] : [m.tickets];
  return [version, m.key, ...group, ...mode, ...tickets].join(" ");
}

/** How far rounds lay apart: half of all ratios' ranges were within it. */
function spread(results: Result[]): string {
  const widths = results.flatMap(({ ratios }) => Object.values(ratios))
    .filter(({ min, max }) => max > min)
    .map(({ min, max, median }) => (max - min) / 2 / median)
    .sort((a, b) => a - b);
  const middle = widths[widths.length >> 1];
  if (middle === undefined) return "";
  return `; half of them within ${(middle * 100).toFixed(0)}% in all rounds`;
}

function marks(results: Result[]): string[] {
  const used = new Set(results.map((result) => result.fastestPackage));
  const named = Object.entries(PACKAGES).filter(([name]) => used.has(name))
    .map(([, [mark, name]]) => `${mark} ${name}`);
  if (named.length === 0) return [];
  return [`npm: the fastest package, ${named.join(", ")}`];
}

function remarks(results: Result[]): string[] {
  const found = new Set<string>();
  for (const { peers } of results) {
    for (const [peer, { remark }] of Object.entries(peers)) {
      if (remark) found.add(`† ${peer}: ${remark}`);
    }
  }
  return [...found];
}

function runtimes(results: Result[]): string[] {
  const found = new Map<string, string>();
  for (const { peers } of results) {
    for (const [peer, { runtime }] of Object.entries(peers)) {
      found.set(peer, runtime);
    }
  }
  return [...found].map(([peer, runtime]) => `${peer}: ${runtime}`);
}
