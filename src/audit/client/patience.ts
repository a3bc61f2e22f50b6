import { TlsError } from "../../internal/tls_error.ts";
import type { VisitFailure } from "./visit_types.ts";

/** After how many connections in a row without an answer no more are made. */
const MAX_SILENT = 4;
/** How many times longer than the answers so far others may take. */
const MARGIN = 3;
/** The longest silence that is waited for, however slow the server is, in milliseconds. */
const MAX_SILENCE = 3_000;

/** What a connection came to, as far as it tells whether the server answers. */
export interface Answered {
  readonly open?: boolean;
  readonly failure: VisitFailure | null;
}

/** How long an audit waits: for an answer, for a server that is silent, and in all. */
export class Patience {
  /** Whether the answer to a request was waited for: how long the others may take is known. */
  knowsAnswer = false;
  readonly #maxDuration: number;
  readonly #start = performance.now();
  /** The milliseconds of {@linkcode pause}. */
  #paused = 0;
  #silent = 0;
  /** How long a ServerHello takes at least, and how long the answer to a request took. */
  #helloMs = Infinity;
  #answerMs = 0;

  /** Starts the time, which has an end after so many milliseconds. */
  constructor(maxDuration: number) {
    this.#maxDuration = maxDuration;
  }

  /** Whether the audit has taken as long as it may. */
  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** Why no more connections should be made; null if they may be. */
  get end(): string | null {
    if (this.isOver) {
      return `The audit has taken longer than ${this.#maxDuration} ms (option maxDuration, --max-time)`;
    }
    return this.#silent > MAX_SILENT
      ? `The server has stopped answering: ${this.#silent} connections in a row failed`
      : null;
  }

  /** Whether another connection would probably get no answer, either. The first of a probe is tried. */
  get isSpent(): boolean {
    return this.#silent >= MAX_SILENT;
  }

  /** How long a connection may take whose own limit is `ms`. */
  within(ms: number): number {
    return Math.max(Math.min(ms, Math.ceil(this.#left)), 1);
  }

  /** After how many milliseconds of silence nothing more comes, but not less than `ms`. */
  silence(ms: number): number {
    const seen = this.#helloMs === Infinity
      ? this.#answerMs
      : Math.max(this.#helloMs, this.#answerMs);
    return Math.max(ms, Math.min(Math.ceil(MARGIN * seen), MAX_SILENCE));
  }

  /** Takes into account how long a ServerHello took. */
  helloCame(ms: number): void {
    this.#helloMs = Math.min(this.#helloMs, ms);
  }

  /** Takes into account how long the answer to a request took. */
  answerCame(ms: number): void {
    this.#answerMs = Math.max(this.#answerMs, ms);
  }

  /** Makes a connection, and remembers whether the server answered. */
  async watch<Result extends Answered>(
    connect: () => Promise<Result>,
  ): Promise<Result> {
    try {
      const result = await connect();
      this.#saw(isSilent(result));
      return result;
    } catch (error) {
      this.#saw(!isOurs(error));
      throw error;
    }
  }

  /** Waits for something else than the server, such as its operator: that time doesn't count. */
  async pause(action: () => Promise<void>): Promise<void> {
    const begin = performance.now();
    try {
      await action();
    } finally {
      this.#paused += performance.now() - begin;
    }
  }

  get #left(): number {
    return this.#start + this.#paused + this.#maxDuration - performance.now();
  }

  #saw(wasSilent: boolean): void {
    this.#silent = wasSilent ? this.#silent + 1 : 0;
  }
}

/** Whether the server was silent, and the connection came to nothing. */
export function isSilent({ open = false, failure }: Answered): boolean {
  return !open && failure?.kind === "timeout";
}

/** Whether a connection failed for its own options, and not for what the server did. */
function isOurs(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError ||
    error instanceof TlsError && error.code === "configuration";
}
