import type { Report } from "./clients.ts";
import { Latencies, type Percentiles } from "./latencies.ts";

/** What a phase was for: only `full` and `resumed` are judged by their figures. */
export type Mode = "warm-up" | "full" | "resumed";

/** What happened in a part of a phase. */
export interface Interval {
  /** Where it began, in seconds from the start of the phase. */
  at: number;
  handshakesPerSecond: number;
  handshakeMs: Percentiles;
}

/** The figures of a phase. */
export interface PhaseFigures {
  mode: Mode;
  seconds: number;
  /** Completed handshakes: the sum of `full` and `resumed`, as the clients judge them. */
  handshakes: number;
  full: number;
  resumed: number;
  handshakesPerSecond: number;
  /** Connections whose request was answered. */
  exchanges: number;
  /** From connecting to the end of the handshake. */
  handshakeMs: Percentiles;
  /** From connecting to the end of the answer. */
  exchangeMs: Percentiles;
  /** How often what went wrong. */
  errors: Record<string, number>;
  /** Processor time in a second: 1 is a core; the busiest process of the clients'. */
  clientCores: number;
  /** The server's, with all its processes, if they can be seen from here. */
  serverCores: number | null;
  intervals: Interval[];
}

const INTERVALS = 20;

/** What is known of a phase while it goes on. */
export class Phase {
  readonly mode: Mode;
  readonly handshakeMs = new Latencies();
  readonly #exchangeMs = new Latencies();
  readonly #errors = new Map<string, number>();
  readonly #intervals: Latencies[];
  readonly #intervalMs: number;
  #resumed = 0;
  #endedAtMs = 0;
  #clientCores = 0;

  constructor(mode: Mode, seconds: number) {
    this.mode = mode;
    this.#intervalMs = seconds * 1000 / INTERVALS;
    this.#intervals = Array.from({ length: INTERVALS }, () => new Latencies());
  }

  get handshakes(): number {
    return this.handshakeMs.count;
  }

  get exchanges(): number {
    return this.#exchangeMs.count;
  }

  get resumedShare(): number {
    return this.handshakes === 0 ? 0 : this.#resumed / this.handshakes;
  }

  get errorCount(): number {
    return [...this.#errors.values()].reduce((sum, count) => sum + count, 0);
  }

  add({ at, samples, errors, cpuMs }: Report): void {
    for (const [time, handshakeMs, exchangeMs, isResumed] of samples) {
      if (exchangeMs !== null) this.#exchangeMs.add(exchangeMs);
      if (handshakeMs === null) continue;
      this.handshakeMs.add(handshakeMs);
      // There is none for what was under way at the end.
      this.#intervals[Math.floor(time / this.#intervalMs)]?.add(handshakeMs);
      this.#resumed += isResumed;
    }
    for (const [kind, count] of Object.entries(errors)) {
      this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + count);
    }
    this.#endedAtMs = Math.max(this.#endedAtMs, at);
    if (cpuMs === undefined) return;
    this.#clientCores = Math.max(this.#clientCores, cpuMs / at);
  }

  figures(serverCpuMs: number | null): PhaseFigures {
    const seconds = this.#endedAtMs / 1000;
    return {
      mode: this.mode,
      seconds,
      handshakes: this.handshakes,
      full: this.handshakes - this.#resumed,
      resumed: this.#resumed,
      handshakesPerSecond: this.handshakes / seconds,
      exchanges: this.#exchangeMs.count,
      handshakeMs: this.handshakeMs.percentiles(),
      exchangeMs: this.#exchangeMs.percentiles(),
      errors: Object.fromEntries(this.#errors),
      clientCores: this.#clientCores,
      serverCores: serverCpuMs === null ? null : serverCpuMs / this.#endedAtMs,
      intervals: this.#intervals.map((latencies, i) => ({
        at: i * this.#intervalMs / 1000,
        handshakesPerSecond: latencies.count / this.#intervalMs * 1000,
        handshakeMs: latencies.percentiles(),
      })),
    };
  }
}
