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
  /** How many visits began or ended in vain at the server that was killed. */
  lost: number;
}

/** Counts visits; draws a line every half second unless it is to be silent. */
export class Timeline {
  readonly phases: Phase[] = [];
  readonly #isSilent: boolean;
  readonly #now: () => number;
  readonly #print: (line: string) => void;
  readonly #start: number;
  readonly #notes: string[] = [];
  #phaseStart = 0;
  #lastDrawn: number;
  #tick: Tally = { handshakes: 0, resumed: 0 };
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Counts nothing before the first phase begins. */
  constructor(
    { isSilent, now = () => performance.now(), print = console.log }: {
      isSilent: boolean;
      now?: () => number;
      print?: (line: string) => void;
    },
  ) {
    this.#isSilent = isSilent;
    this.#now = now;
    this.#print = print;
    this.#start = this.#lastDrawn = now();
  }

  /** Begins a phase. */
  begin(name: string): void {
    this.#phaseStart = this.#now();
    this.phases.push({
      name,
      seconds: 0,
      versions: {},
      failures: [],
      lost: 0,
    });
    this.#timer = setInterval(() => this.draw(), TICK_MS);
  }

  /** Ends the phase. */
  end(): void {
    clearInterval(this.#timer);
    const phase = this.phases.at(-1);
    if (phase) phase.seconds = (this.#now() - this.#phaseStart) / 1000;
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

  /** Draws what was counted since the last line. */
  draw(): void {
    const now = this.#now();
    const { handshakes, resumed } = this.#tick;
    // Where a phase begins, the last line is older than a tick.
    const rate = handshakes * 1000 / (now - this.#lastDrawn);
    this.#tick = { handshakes: 0, resumed: 0 };
    this.#lastDrawn = now;
    if (this.#isSilent) return;
    const share = handshakes === 0 ? 0 : resumed / handshakes;
    const bar = "█".repeat(Math.round(share * BAR_WIDTH));
    const time = ((now - this.#start) / 1000).toFixed(1);
    this.#print(
      `${time.padStart(5)} s  ${bar.padEnd(BAR_WIDTH, "░")} ` +
        `${(100 * share).toFixed(0).padStart(3)} % resumed  ` +
        `${rate.toFixed(0).padStart(4)}/s  ${this.#notes.splice(0).join(", ")}`,
    );
  }
}
