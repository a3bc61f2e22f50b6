/**
 * What became of the visits, by phase, and drawn as they go.
 *
 * @module
 */

const TICK_MS = 500;
const BAR_WIDTH = 30;

/** The visits of one version. */
export interface Tally {
  handshakes: number;
  resumed: number;
}

/** A stretch of time in which nothing is killed or started. */
export interface Phase {
  readonly name: string;
  seconds: number;
  readonly versions: Record<string, Tally>;
  /** What failed though its server lived. */
  readonly failures: string[];
  /** How many visits were lost with the server that was killed. */
  lost: number;
}

/** Counts visits; draws a line every half second unless it is to be silent. */
export class Timeline {
  readonly phases: Phase[] = [];
  readonly #isSilent: boolean;
  readonly #start = performance.now();
  readonly #notes: string[] = [];
  #phaseStart = 0;
  #tick: Tally = { handshakes: 0, resumed: 0 };
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Counts nothing before the first phase begins. */
  constructor({ isSilent }: { isSilent: boolean }) {
    this.#isSilent = isSilent;
  }

  /** Begins a phase. */
  begin(name: string): void {
    this.#phaseStart = performance.now();
    this.phases.push({
      name,
      seconds: 0,
      versions: {},
      failures: [],
      lost: 0,
    });
    this.#timer = setInterval(() => this.#draw(), TICK_MS);
  }

  /** Ends the phase. */
  end(): void {
    clearInterval(this.#timer);
    const phase = this.phases.at(-1);
    if (phase) phase.seconds = (performance.now() - this.#phaseStart) / 1000;
  }

  /** A visit has gone well. */
  count(version: string, resumed: boolean): void {
    const versions = this.phases.at(-1)?.versions ?? {};
    const tally = versions[version] ??= { handshakes: 0, resumed: 0 };
    for (const it of [tally, this.#tick]) {
      it.handshakes++;
      if (resumed) it.resumed++;
    }
  }

  /** A visit has failed. */
  fail(port: number, error: unknown, isKilled: boolean): void {
    const phase = this.phases.at(-1);
    if (isKilled && phase) phase.lost++;
    else phase?.failures.push(`Port ${port}: ${error}`);
  }

  /** Something was done, to be told beside the next line. */
  note(text: string): void {
    this.#notes.push(text);
  }

  #draw(): void {
    const { handshakes, resumed } = this.#tick;
    this.#tick = { handshakes: 0, resumed: 0 };
    if (this.#isSilent) return;
    const share = handshakes === 0 ? 0 : resumed / handshakes;
    const bar = "█".repeat(Math.round(share * BAR_WIDTH));
    const time = ((performance.now() - this.#start) / 1000).toFixed(1);
    const rate = handshakes * 1000 / TICK_MS;
    console.log(
      `${time.padStart(5)} s  ${bar.padEnd(BAR_WIDTH, "░")} ` +
        `${(100 * share).toFixed(0).padStart(3)} % resumed  ` +
        `${`${rate}`.padStart(4)}/s  ${this.#notes.splice(0).join(", ")}`,
    );
  }
}
