import { TlsError } from "../../internal/tls_error.ts";
import type { VisitFailure } from "./visit_types.ts";

/** After how many connections in a row without an answer no more are made. */
const MAX_SILENT = 4;
/** How many times longer than the answers so far others may take. */
const MARGIN = 3;
/** The longest silence that is waited for, however slow the server is, in milliseconds. */
const MAX_SILENCE = 3_000;

/** The result of a connection, as far as it shows whether the server answers. */
export interface Answered {
  readonly open?: boolean;
  readonly failure: VisitFailure | null;
}

/**
 * The time limits of an audit: for answers and for silence, by how fast the server has answered
 * so far, and for all connections together.
 */
export class TimeLimits {
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

  /** Starts the time of the audit, which may take `maxDuration` milliseconds. */
  constructor(maxDuration: number) {
    this.#maxDuration = maxDuration;
  }

  /** Whether the audit has taken as long as it may. */
  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** Why no more connections should be made; null if they may be. */
  get stopReason(): string | null {
    if (this.isOver) {
      return `The audit has taken longer than ${this.#maxDuration} ms (option maxDuration, --max-time)`;
    }
    return this.#silent > MAX_SILENT
      ? `The server has stopped answering: ${this.#silent} connections in a row failed`
      : null;
  }

  /** Whether the last connections got no answer, so that only the first of a probe is tried. */
  get isUnresponsive(): boolean {
    return this.#silent >= MAX_SILENT;
  }

  /** The time limit of a connection whose own limit is `ms`, in milliseconds. */
  connectionTimeout(ms: number): number {
    return Math.max(Math.min(ms, Math.ceil(this.#left)), 1);
  }

  /** After how many milliseconds of silence nothing more comes, but not less than `ms`. */
  silence(ms: number): number {
    const seen = this.#helloMs === Infinity
      ? this.#answerMs
      : Math.max(this.#helloMs, this.#answerMs);
    return Math.max(ms, Math.min(Math.ceil(MARGIN * seen), MAX_SILENCE));
  }

  /** Records how long a ServerHello took. */
  recordHello(ms: number): void {
    this.#helloMs = Math.min(this.#helloMs, ms);
  }

  /** Records how long the answer to a request took. */
  recordAnswer(ms: number): void {
    this.#answerMs = Math.max(this.#answerMs, ms);
  }

  /** Makes a connection, and records whether the server answered. */
  async watch<Result extends Answered>(
    connect: () => Promise<Result>,
  ): Promise<Result> {
    try {
      const result = await connect();
      this.#saw(isSilent(result));
      return result;
    } catch (error) {
      this.#saw(!isMisuse(error));
      throw error;
    }
  }

  /** Runs an action whose time doesn't count, such as a change by the server's operator. */
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

/** Whether a connection failed because the server was silent. */
export function isSilent({ open = false, failure }: Answered): boolean {
  return !open && failure?.kind === "timeout";
}

/** Whether a connection failed because of its options, and not of the server. */
function isMisuse(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError ||
    error instanceof TlsError && error.code === "configuration";
}
