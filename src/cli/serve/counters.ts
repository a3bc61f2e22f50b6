import type { StoreOperation } from "../../tls/sessions/store_operations.ts";
import type { SessionStats } from "../../tls/sessions/session_stats.ts";

/** Up to how many seconds a handshake may have taken, to be counted in each bucket. */
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

/** What became of connections: counters that grow, and figures of the moment. */
export interface Figures {
  /** Completed handshakes. */
  readonly handshakes: number;
  /** Resumed handshakes, by where the session came from. */
  readonly resumed: Counts;
  /** Full handshakes, by why. */
  readonly full: Counts;
  /** Handshakes that failed, by the error's code and the alert, if any: `code/alert`. */
  readonly failed: Counts;
  readonly lookups: number;
  readonly writes: number;
  readonly deletions: number;
  /** Failures of the store, by what it was asked. */
  readonly storeErrors: Counts;
  /** Connections that the server behind has failed. */
  readonly forwardFailures: number;
  /** Completed handshakes, by bucket, the last for those that are in none. */
  readonly durations: readonly number[];
  /** How long all of them took together, in seconds. */
  readonly durationSum: number;
  /** Connections whose handshake is done and that haven't ended. */
  readonly open: number;
  /** The wasm memory of all instances, in bytes. */
  readonly memoryTotal: number;
  /** What of it is allocated. */
  readonly memoryUsed: number;
}

/** Nothing has happened yet. */
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

/** The figures of several servers. */
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

/** What is left of the figures of a server that has ended: counters never go back. */
export function afterTheEnd(figures: Figures): Figures {
  return { ...figures, open: 0, memoryTotal: 0, memoryUsed: 0 };
}

/** All numbers of a kind. */
export function total(counts: Counts): number {
  return Object.values(counts).reduce<number>((a, b) => a + (b ?? 0), 0);
}

/** Counts what a context doesn't. */
export class Counters {
  readonly #failed = new Map<string, number>();
  readonly #storeErrors = new Map<string, number>();
  #forwardFailures = 0;
  readonly #durations = [...NO_FIGURES.durations];
  #durationSum = 0;

  /** A handshake is done, in so many seconds. */
  countHandshake(duration: number): void {
    const bucket = DURATION_BUCKETS.findIndex((limit) => duration <= limit);
    const at = bucket === -1 ? DURATION_BUCKETS.length : bucket;
    this.#durations[at] = (this.#durations[at] ?? 0) + 1;
    this.#durationSum += duration;
  }

  /** A handshake has failed. */
  countFailure(code: string, alert: string | undefined): void {
    increment(this.#failed, `${code}/${alert ?? ""}`);
  }

  /** The store has failed. */
  countStoreError(operation: StoreOperation): void {
    increment(this.#storeErrors, operation);
  }

  /** The server behind has failed a connection. */
  countForwardFailure(): void {
    this.#forwardFailures++;
  }

  /** The counters as they are now, with those of the context. */
  figures(
    { handshakes, resumed, full, lookups, writes, deletions }: SessionStats,
    moment: Pick<Figures, "open" | "memoryTotal" | "memoryUsed">,
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
      ...moment,
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
