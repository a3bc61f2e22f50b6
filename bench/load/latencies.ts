/** A range of latencies, in ms, and how many fell into it. */
export interface LatencyBar {
  fromMs: number;
  toMs: number;
  count: number;
}

/** Latencies in ms at their percentiles, as they are printed. */
export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

const PRECISION = 1.01;
const LOWEST_MS = 0.01;
const BUCKETS = 1_700; // up to 200 seconds

/** A bar's edges: three of them, or six, from one power of ten to the next. */
const COARSE = [1, 2, 5];
const FINE = [1, 1.5, 2, 3, 5, 7];
const MAX_BARS = 16;

/** Latencies in buckets that are 1 % wide: their number doesn't make it any larger. */
export class Latencies {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    const at = Math.log(ms / LOWEST_MS) / Math.log(PRECISION);
    const bucket = Math.min(Math.max(Math.floor(at), 0), BUCKETS - 1);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count++;
    this.#max = Math.max(this.#max, ms);
  }

  /** What this share of the latencies doesn't exceed; 0 if there are none. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank) return Math.min(middle(bucket), this.#max);
    }
    return 0;
  }

  percentiles(): Percentiles {
    return {
      p50: rounded(this.quantile(0.5)),
      p90: rounded(this.quantile(0.9)),
      p99: rounded(this.quantile(0.99)),
      max: rounded(this.#max),
    };
  }

  /** How many there are between edges, which must rise. */
  bars(edges: number[]): LatencyBar[] {
    const bars = edges.slice(1).map((toMs, i) => {
      return { fromMs: edges[i] ?? 0, toMs, count: 0 };
    });
    for (const [bucket, count] of this.#counts.entries()) {
      if (count === 0) continue;
      const ms = middle(bucket);
      const bar = bars.find(({ toMs }) => ms < toMs) ?? bars.at(-1);
      if (bar) bar.count += count;
    }
    return bars;
  }

  /** The least and the most, as buckets have them. */
  range(): [min: number, max: number] {
    return [this.quantile(0), this.quantile(1)];
  }
}

/** Edges on a logarithmic scale around all of these, fine if there is room for it. */
export function commonEdges(all: Latencies[]): number[] {
  const ranges = all.filter(({ count }) => count > 0).map((l) => l.range());
  if (ranges.length === 0) return [];
  const min = Math.min(...ranges.map(([min]) => min));
  const max = Math.max(...ranges.map(([, max]) => max));
  const fine = edgesAround(min, max, FINE);
  return fine.length <= MAX_BARS + 1 ? fine : edgesAround(min, max, COARSE);
}

function edgesAround(min: number, max: number, steps: number[]): number[] {
  const edges: number[] = [];
  for (let exponent = -3; exponent < 6; exponent++) {
    edges.push(...steps.map((step) => Number(`${step}e${exponent}`)));
  }
  const first = edges.findLastIndex((edge) => edge <= min);
  const last = edges.findIndex((edge) => edge > max);
  return edges.slice(Math.max(first, 0), last + 1);
}

function middle(bucket: number): number {
  return LOWEST_MS * PRECISION ** (bucket + 0.5);
}

/** Three digits, as the buckets aren't more precise. */
function rounded(ms: number): number {
  return Number(ms.toPrecision(3));
}
