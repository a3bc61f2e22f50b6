import type { SessionStore } from "../../stores/session_store.ts";
import type { TlsContextUpdate } from "../../tls/context/context_update.ts";
import { within } from "../../internal/deferred.ts";
import { afterTheEnd, type Figures, NO_FIGURES, sum } from "./counters.ts";
import type { Fleet, FleetEvents } from "./fleet.ts";
import type { HostAndPort } from "../host_and_port.ts";
import { type ServerSettings, withUpdate } from "./settings.ts";
import { WorkerThread } from "./worker_thread.ts";

/** How long a worker may take to tell its figures, in ms. */
const FIGURES_TIMEOUT = 500;
/** How often they are asked for, so that few are lost with a worker, in ms. */
const FIGURES_PERIOD = 1_000;
/** How long to wait before a worker is replaced, at first and at most, in ms. */
const FIRST_BACKOFF = 100;
const LAST_BACKOFF = 30_000;
/** A worker that has lived so long isn't to blame for those before it, in ms. */
const GOOD_AGE = 60_000;
/** How much longer than it should a worker may take to drain, in ms. */
const DRAIN_GRACE = 5_000;

/** What a pool is made of. */
export interface WorkerPoolParts {
  readonly settings: ServerSettings;
  /** The store, if the workers can't open it themselves. */
  readonly store: SessionStore | null;
  /** The store's name, for people. */
  readonly storeName: string;
  readonly events: FleetEvents;
  /** The module that workers run. */
  readonly module?: URL;
}

/** Servers in threads of their own, on one port. One that ends is replaced. */
export class WorkerPool implements Fleet {
  readonly addr: HostAndPort;
  restarts = 0;
  #parts: WorkerPoolParts;
  readonly #threads = new Map<number, WorkerThread>();
  readonly #poll: ReturnType<typeof setInterval>;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #ended = NO_FIGURES;
  #isOver = false;
  #hasEnded = false;

  /** Starts the workers: resolves when all of them listen. */
  static async start(parts: WorkerPoolParts): Promise<WorkerPool> {
    const { settings } = parts;
    const threads: WorkerThread[] = [];
    const begin = (port: number): Promise<Fleet["addr"]> => {
      const thread = new WorkerThread(parts, threads.length + 1, port);
      threads.push(thread);
      return thread.listening;
    };
    try {
      // The first one finds a port.
      const addr = await begin(settings.port);
      const others = Array.from(
        { length: settings.workers - 1 },
        () => begin(addr.port),
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
    addr: Fleet["addr"],
    threads: readonly WorkerThread[],
  ) {
    this.#parts = parts;
    this.addr = addr;
    for (const thread of threads) this.#keep(thread, FIRST_BACKOFF);
    this.#poll = setInterval(() => this.#ask(), FIGURES_PERIOD);
  }

  get serving(): number {
    const threads = [...this.#threads.values()];
    return threads.filter(({ isListening }) => isListening).length;
  }

  async figures(): Promise<Figures> {
    if (!this.#hasEnded) await this.#ask();
    const threads = [...this.#threads.values()];
    return sum([this.#ended, ...threads.map(({ figures }) => figures)]);
  }

  update(changes: TlsContextUpdate): void {
    const settings = withUpdate(this.#parts.settings, changes);
    this.#parts = { ...this.#parts, settings };
    for (const thread of this.#threads.values()) thread.update(changes);
  }

  async drain(timeout: number): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#poll);
    for (const timer of this.#timers) clearTimeout(timer);
    const threads = [...this.#threads.values()];
    const drained = Promise.all(threads.map((thread) => thread.drain(timeout)));
    await within(timeout + DRAIN_GRACE, drained);
    for (const thread of threads) thread.end();
    this.#hasEnded = true;
  }

  async #ask(): Promise<void> {
    const answers = [...this.#threads.values()].map((thread) => thread.ask());
    await within(FIGURES_TIMEOUT, Promise.all(answers));
  }

  #keep(thread: WorkerThread, backoff: number): void {
    const { worker } = thread;
    const since = performance.now();
    this.#threads.set(worker, thread);
    thread.ended.then((reason) => {
      this.#ended = sum([this.#ended, afterTheEnd(thread.figures)]);
      this.#threads.delete(worker);
      if (this.#isOver) return;
      const wait = performance.now() - since > GOOD_AGE
        ? FIRST_BACKOFF
        : backoff;
      this.#parts.events.onWorkerEnd(
        `Worker ${worker} has ended (${reason}): another starts in ${wait} ms`,
      );
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#replace(worker, Math.min(wait * 2, LAST_BACKOFF));
      }, wait);
      this.#timers.add(timer);
    });
  }

  #replace(worker: number, backoff: number): void {
    this.restarts++;
    const thread = new WorkerThread(this.#parts, worker, this.addr.port);
    this.#keep(thread, backoff);
  }
}
