import type { TlsContextUpdate } from "../../../mod.ts";
import type { HostAndPort } from "../host_and_port.ts";
import { waitAtMost } from "../wait.ts";
import { countersOf, type Figures, NO_FIGURES, sum } from "./counters.ts";
import type { ServerGroup, ServerGroupEvents } from "./server_group.ts";
import { withUpdate } from "./settings.ts";
import { WorkerThread, type WorkerThreadParts } from "./worker_thread.ts";

/** How long a worker may take to send its figures, in milliseconds. */
const FIGURES_TIMEOUT = 500;
/** How often figures are requested, so that few are lost with a worker, in milliseconds. */
const FIGURES_PERIOD = 1_000;
/** The first and the longest delay before a worker is restarted, in milliseconds. */
const MIN_BACKOFF = 100;
const MAX_BACKOFF = 30_000;
/** After this uptime of a worker the delay starts again at its minimum, in milliseconds. */
const STABLE_AGE = 60_000;
/** How much longer than its timeout a worker may take to drain, in milliseconds. */
const DRAIN_GRACE = 5_000;

/** What a pool is started with. */
export interface WorkerPoolParts extends WorkerThreadParts {
  readonly events: ServerGroupEvents;
}

/** Servers in workers that share a port. A worker that ends is restarted. */
export class WorkerPool implements ServerGroup {
  readonly addr: HostAndPort;
  restarts = 0;
  #parts: WorkerPoolParts;
  readonly #threads = new Map<number, WorkerThread>();
  readonly #poll: ReturnType<typeof setInterval>;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #endedFigures = NO_FIGURES;
  #isDraining = false;
  #hasEnded = false;

  /** Starts the workers. Resolves when all of them listen. */
  static async start(parts: WorkerPoolParts): Promise<WorkerPool> {
    const { settings } = parts;
    const threads: WorkerThread[] = [];
    const start = (port: number): Promise<HostAndPort> => {
      const thread = new WorkerThread(parts, threads.length + 1, port);
      threads.push(thread);
      return thread.listening;
    };
    try {
      // The first one chooses the port.
      const addr = await start(settings.port);
      const others = Array.from(
        { length: settings.workers - 1 },
        () => start(addr.port),
      );
      await Promise.all(others);
      return new WorkerPool(parts, addr, threads);
    } catch (error) {
      for (const thread of threads) thread.end();
      throw error;
    }
  }

  private constructor(
    parts: WorkerPoolParts,
    addr: HostAndPort,
    threads: readonly WorkerThread[],
  ) {
    this.#parts = parts;
    this.addr = addr;
    for (const thread of threads) this.#supervise(thread, MIN_BACKOFF);
    this.#poll = setInterval(() => this.#requestFigures(), FIGURES_PERIOD);
  }

  get serving(): number {
    const threads = [...this.#threads.values()];
    return threads.filter(({ isListening }) => isListening).length;
  }

  async figures(): Promise<Figures> {
    if (!this.#hasEnded) await this.#requestFigures();
    const threads = [...this.#threads.values()];
    return sum([this.#endedFigures, ...threads.map(({ figures }) => figures)]);
  }

  update(changes: TlsContextUpdate): void {
    const settings = withUpdate(this.#parts.settings, changes);
    this.#parts = { ...this.#parts, settings };
    for (const thread of this.#threads.values()) thread.update(changes);
  }

  async drain(timeout: number): Promise<void> {
    this.#isDraining = true;
    clearInterval(this.#poll);
    for (const timer of this.#timers) clearTimeout(timer);
    const threads = [...this.#threads.values()];
    const drained = Promise.all(threads.map((thread) => thread.drain(timeout)));
    await waitAtMost(timeout + DRAIN_GRACE, drained);
    for (const thread of threads) thread.end();
    this.#hasEnded = true;
  }

  async #requestFigures(): Promise<void> {
    const threads = [...this.#threads.values()];
    const answers = threads.map((thread) => thread.requestFigures());
    await waitAtMost(FIGURES_TIMEOUT, Promise.all(answers));
  }

  #supervise(thread: WorkerThread, backoff: number): void {
    const { worker } = thread;
    const startedAt = performance.now();
    this.#threads.set(worker, thread);
    thread.ended.then((reason) => {
      this.#endedFigures = sum([
        this.#endedFigures,
        countersOf(thread.figures),
      ]);
      this.#threads.delete(worker);
      if (this.#isDraining) return;
      const isStable = performance.now() - startedAt > STABLE_AGE;
      const delay = isStable ? MIN_BACKOFF : backoff;
      this.#parts.events.onWorkerEnd(
        `Worker ${worker} has ended (${reason}) and is restarted in ${delay} ms`,
      );
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#restart(worker, Math.min(delay * 2, MAX_BACKOFF));
      }, delay);
      this.#timers.add(timer);
    });
  }

  #restart(worker: number, backoff: number): void {
    this.restarts++;
    const thread = new WorkerThread(this.#parts, worker, this.addr.port);
    this.#supervise(thread, backoff);
  }
}
