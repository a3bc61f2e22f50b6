import type { SessionStats, StoreOperation } from "../../../mod.ts";

/** The upper bounds of the histogram of handshake durations, in seconds. */
export const DURATION_BUCKETS: readonly number[] = [
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
];

/** Numbers by name. */
export type Counts = Readonly<Partial<Record<string, number>>>;

/** The figures of a server: counters, and current values. */
export interface Figures {
  /** Completed handshakes. */
  readonly handshakes: number;
  /** Resumed handshakes, by the source of the session. */
  readonly resumed: Counts;
  /** Full handshakes, by reason. */
  readonly full: Counts;
  /** Failed handshakes, by error code and alert, if any: `code/alert`. */
  readonly failed: Counts;
  readonly lookups: number;
  readonly writes: number;
  readonly deletions: number;
  /** Failed calls of the store, by operation. */
  readonly storeErrors: Counts;
  /** Connections that failed because of the server of `--forward`. */
  readonly forwardFailures: number;
  /** Completed handshakes in each bucket, and last those above all bounds. */
  readonly durations: readonly number[];
  /** The sum of their durations, in seconds. */
  readonly durationSum: number;
  /** Open connections whose handshake is done. */
  readonly open: number;
  /** The WebAssembly memory of all instances, in bytes. */
  readonly memoryTotal: number;
  /** The allocated part of it, in bytes. */
  readonly memoryUsed: number;
}

/** The figures before the first connection. */
export const NO_FIGURES: Figures = {
  handshakes: 0,
  resumed: {},
  full: {},
  failed: {},
  lookups: 0,
  writes: 0,
  deletions: 0,
  storeErrors: {},
  forwardFailures: 0,
  durations: DURATION_BUCKETS.map(() => 0).concat(0),
  durationSum: 0,
  open: 0,
  memoryTotal: 0,
  memoryUsed: 0,
};

/** The sum of the figures of several servers. */
export function sum(all: readonly Figures[]): Figures {
  return all.reduce((a, b) => ({
    handshakes: a.handshakes + b.handshakes,
    resumed: addCounts(a.resumed, b.resumed),
    full: addCounts(a.full, b.full),
    failed: addCounts(a.failed, b.failed),
    lookups: a.lookups + b.lookups,
    writes: a.writes + b.writes,
    deletions: a.deletions + b.deletions,
    storeErrors: addCounts(a.storeErrors, b.storeErrors),
    forwardFailures: a.forwardFailures + b.forwardFailures,
    durations: a.durations.map((n, i) => n + (b.durations[i] ?? 0)),
    durationSum: a.durationSum + b.durationSum,
    open: a.open + b.open,
    memoryTotal: a.memoryTotal + b.memoryTotal,
    memoryUsed: a.memoryUsed + b.memoryUsed,
  }), NO_FIGURES);
}

/** The counters of a server that has ended; its current values are 0. */
export function countersOf(figures: Figures): Figures {
  return { ...figures, open: 0, memoryTotal: 0, memoryUsed: 0 };
}

/** The sum of counts. */
export function total(counts: Counts): number {
  return Object.values(counts).reduce<number>((a, b) => a + (b ?? 0), 0);
}

/** Counts what the statistics of a context don't include. */
export class Counters {
  readonly #failed = new Map<string, number>();
  readonly #storeErrors = new Map<string, number>();
  #forwardFailures = 0;
  readonly #durations = [...NO_FIGURES.durations];
  #durationSum = 0;

  /** Counts a completed handshake and its duration in seconds. */
  countHandshake(duration: number): void {
    const bucket = DURATION_BUCKETS.findIndex((limit) => duration <= limit);
    const at = bucket === -1 ? DURATION_BUCKETS.length : bucket;
    this.#durations[at] = (this.#durations[at] ?? 0) + 1;
    this.#durationSum += duration;
  }

  /** Counts a failed handshake. */
  countFailure(code: string, alert: string | undefined): void {
    increment(this.#failed, `${code}/${alert ?? ""}`);
  }

  /** Counts a failed call of the store. */
  countStoreError(operation: StoreOperation): void {
    increment(this.#storeErrors, operation);
  }

  /** Counts a failure of the server of `--forward`. */
  countForwardFailure(): void {
    this.#forwardFailures++;
  }

  /** All figures: these counters, those of the context, and the current values. */
  figures(
    { handshakes, resumed, full, lookups, writes, deletions }: SessionStats,
    current: Pick<Figures, "open" | "memoryTotal" | "memoryUsed">,
  ): Figures {
    return {
      handshakes,
      resumed,
      full,
      lookups,
      writes,
      deletions,
      failed: Object.fromEntries(this.#failed),
      storeErrors: Object.fromEntries(this.#storeErrors),
      forwardFailures: this.#forwardFailures,
      durations: [...this.#durations],
      durationSum: this.#durationSum,
      ...current,
    };
  }
}

function addCounts(a: Counts, b: Counts): Counts {
  const sums: Partial<Record<string, number>> = { ...a };
  for (const [name, count = 0] of Object.entries(b)) {
    sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
