/**
 * Medians and ratios of what the peers measured.
 *
 * @module
 */
import { type Measurement, nameOf } from "./measurements.mjs";
import type { Primitive } from "./primitives.mjs";

/** What can be measured. */
export type Measured = Measurement | Primitive;

/** What a peer says of a measurement. */
export interface Figure {
  value: number;
  runtime: string;
  remark?: string;
}

/** A figure, of which peer and from which round. */
export type Line = Measured & Figure & { peer: string; round: number };

/** One measurement: each peer's figures, and Sesame's as ratios to the others'. */
export type Result = Measured & {
  name: string;
  peers: Record<string, PeerResult>;
  /** By the other peer's name, and by `npm`: of the fastest package. */
  ratios: Record<string, Ratio>;
  fastestPackage: string | undefined;
};

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

/** The packages of npm's, by their names in primitives_npm.mjs. */
export const NPM_PACKAGES = [
  "noble",
  "libsodium",
  "liboqs",
  "hash-wasm",
  "rsa.wasm",
];

/** Sums up all rounds. */
export function summarise(selected: Measured[], lines: Line[]): Result[] {
  return selected.map((m) => {
    const name = nameOf(m);
    const own = lines.filter((line) => nameOf(line) === name);
    const peers: Record<string, PeerResult> = {};
    const ratios: Record<string, Ratio> = {};
    for (const peer of new Set(own.map((line) => line.peer))) {
      const result = peerResult(own.filter((line) => line.peer === peer));
      if (result !== undefined) peers[peer] = result;
      const ratio = peer === "sesame" ? undefined : ratioTo(peer, own);
      if (ratio !== undefined) ratios[peer] = ratio;
    }
    const fastestPackage = fastestOf(peers);
    const ratio = ratios[fastestPackage ?? ""];
    if (ratio !== undefined) ratios.npm = ratio;
    return { name, ...m, peers, ratios, fastestPackage };
  });
}

function fastestOf(peers: Record<string, PeerResult>): string | undefined {
  const median = (name: string) => peers[name]?.median ?? 0;
  return NPM_PACKAGES.filter((name) => name in peers)
    .sort((a, b) => median(b) - median(a))[0];
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
