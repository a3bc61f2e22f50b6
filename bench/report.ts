/**
 * Medians and ratios of what the peers measured, as data and as a table.
 *
 * @module
 */
import { Table } from "console-table-printer";
import { type Measurement, nameOf } from "./measurements.mjs";

/** One line of a peer, and the round that it is from. */
export interface Line extends Measurement {
  peer: string;
  value: number;
  runtime: string;
  remark?: string;
  round: number;
}

/** One measurement: each peer's figures, and Sesame's as ratios to the others'. */
export interface Result extends Measurement {
  name: string;
  peers: Record<string, PeerResult>;
  ratios: Record<string, Ratio>;
}

/** A peer's figures, one a round. */
export interface PeerResult {
  median: number;
  values: number[];
  runtime: string;
  remark?: string;
}

/** Of figures from the same round. */
export interface Ratio {
  median: number;
  min: number;
  max: number;
}

const PEERS = ["sesame", "native", "node"];

/** How a metric's values are printed. */
const UNITS: Record<string, { title: string; scale: number; digits: number }> =
  {
    "handshakes/s": { title: "handshakes/s", scale: 1, digits: 0 },
    "handshakes/s over TCP": {
      title: "handshakes/s, TCP",
      scale: 1,
      digits: 0,
    },
    "bytes/s": { title: "MB/s", scale: 1e-6, digits: 0 },
    "read/write over TCP": {
      title: "read/write, TCP, / engine",
      scale: 1,
      digits: 2,
    },
    "pipeTo over TCP": { title: "pipeTo, TCP, / engine", scale: 1, digits: 2 },
    "malloc/connection": {
      title: "malloc, KB a pair *",
      scale: 1e-3,
      digits: 1,
    },
    "rss/connection": { title: "RSS, KB a pair *", scale: 1e-3, digits: 1 },
    "rss/connection over TCP": {
      title: "RSS, KB, TCP *",
      scale: 1e-3,
      digits: 1,
    },
    "ms from start": { title: "ms from start *", scale: 1, digits: 1 },
    "ms from import": { title: "ms from import *", scale: 1, digits: 1 },
  };

/** Sums up all rounds. */
export function summarise(selected: Measurement[], lines: Line[]): Result[] {
  return selected.map((m) => {
    const name = nameOf(m);
    const own = lines.filter((line) => nameOf(line) === name);
    const peers: Record<string, PeerResult> = {};
    const ratios: Record<string, Ratio> = {};
    for (const peer of PEERS) {
      const result = peerResult(own.filter((line) => line.peer === peer));
      if (result !== undefined) peers[peer] = result;
      const ratio = peer === "sesame" ? undefined : ratioTo(peer, own);
      if (ratio !== undefined) ratios[`sesame/${peer}`] = ratio;
    }
    return { name, ...m, peers, ratios };
  });
}

function peerResult(lines: Line[]): PeerResult | undefined {
  const [first] = lines;
  if (first === undefined) return undefined;
  const values = lines.map((line) => line.value);
  const { runtime, remark } = first;
  const result = { median: median(values), values, runtime };
  return remark === undefined ? result : { ...result, remark };
}

function ratioTo(peer: string, lines: Line[]): Ratio | undefined {
  const ratios = lines.filter((line) => line.peer === "sesame")
    .flatMap((sesame) =>
      lines.filter((line) => line.peer === peer && line.round === sesame.round)
        .map((other) => sesame.value / other.value)
    );
  if (ratios.length === 0) return undefined;
  return {
    median: median(ratios),
    min: Math.min(...ratios),
    max: Math.max(...ratios),
  };
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** The table, with a line for each peer's runtime and remarks below. */
export function formatTable(results: Result[], colors: boolean): string {
  const table = new Table({
    shouldDisableColors: !colors,
    columns: [
      { name: "metric", alignment: "left" },
      { name: "of", alignment: "left" },
      ...[...PEERS, "sesame/native", "sesame/node"].map((name) => ({
        name,
        alignment: "right" as const,
      })),
    ],
  });
  results.forEach((result, i) => {
    const separator = result.metric !== results[i + 1]?.metric;
    table.addRow(cells(result), { separator });
  });
  return [table.render(), ...footnotes(results)].join("\n");
}

function cells({ peers, ratios, ...m }: Result): Record<string, string> {
  const unit = UNITS[m.metric] ?? { title: m.metric, scale: 1, digits: 2 };
  const row: Record<string, string> = { metric: unit.title, of: describe(m) };
  for (const peer of PEERS) {
    const { median, remark } = peers[peer] ?? {};
    const value = median === undefined
      ? "-"
      : (median * unit.scale).toFixed(unit.digits);
    row[peer] = value + (remark ? " †" : "");
  }
  for (const name of ["sesame/native", "sesame/node"]) {
    const ratio = ratios[name];
    row[name] = ratio === undefined
      ? "-"
      : `${digits(ratio.median)} (${digits(ratio.min)}-${digits(ratio.max)})`;
  }
  return row;
}

function digits(ratio: number): string {
  return ratio.toFixed(ratio < 0.1 ? 3 : 2);
}

function describe(m: Measurement): string {
  if (m.metric === "bytes/s") return m.cipher;
  const version = m.version.replace("TLSv", "TLS ");
  const group = m.group === "X25519" ? [] : [m.group];
  const mode = m.resumed === undefined ? [] : [m.resumed ? "resumed" : "full"];
  return [version, m.key, ...group, ...mode].join(" ");
}

function footnotes(results: Result[]): string[] {
  const runtimes = new Map<string, string>();
  const remarks = new Set<string>();
  for (const { peers } of results) {
    for (const [peer, { runtime, remark }] of Object.entries(peers)) {
      runtimes.set(peer, runtime);
      if (remark) remarks.add(`† ${peer}: ${remark}`);
    }
  }
  return [
    "Ratios: median (lowest-highest) of the rounds. * less is better",
    ...remarks,
    ...[...runtimes].map(([peer, runtime]) => `${peer}: ${runtime}`),
  ];
}
