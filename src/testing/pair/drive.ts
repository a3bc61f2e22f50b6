import type { Endpoint } from "../endpoint.ts";
import type { TlsEngine } from "../../tls/engine/engine.ts";
import { answers, moveTo } from "./time.ts";
import { clockInternals, type VirtualClock } from "../clock.ts";
import type { Network, NetworkDelivery } from "../network.ts";

/** How often ends may answer each other, or wait for a store, before it counts as endless. */
const MAX_STEPS = 10_000;

const ENDS = ["client", "server"] as const;

/** Two engines on a network, and what they need to go on. */
export class PairDriver {
  readonly #engines: Readonly<Record<Endpoint, TlsEngine>>;
  readonly #network: Network;
  readonly #clock: VirtualClock;
  readonly #ended = new Set<Endpoint>();

  /** Drives engines over a network by a clock. */
  constructor(
    engines: Readonly<Record<Endpoint, TlsEngine>>,
    network: Network,
    clock: VirtualClock,
  ) {
    this.#engines = engines;
    this.#network = network;
    this.#clock = clock;
  }

  /**
   * Goes on until nothing moves any more: false if that doesn't come. Stores and `contextFor`
   * are waited for, and the clock moves to when bytes arrive, or to what those wait for.
   */
  async run(): Promise<boolean> {
    const nextWait = clockInternals.get(this.#clock).watchWaits();
    for (let steps = 0; steps < MAX_STEPS;) {
      steps += this.#send();
      const delivery = this.#network.deliver();
      if (delivery) {
        this.#receive(delivery);
        continue;
      }
      const pending = this.#engines.server.pending ??
        this.#engines.client.pending;
      if (pending) {
        await this.#answer(pending, nextWait);
        steps++;
        continue;
      }
      const arrival = this.#network.arrival();
      if (arrival === null) return true;
      moveTo(this.#clock, arrival);
    }
    return false;
  }

  /** Waits for what an engine waits for, or moves the clock if that waits for the clock. */
  async #answer(
    pending: Promise<void>,
    nextWait: () => Promise<number>,
  ): Promise<void> {
    let isSettled = false;
    const settled = pending.then(() => void (isSettled = true));
    await answers(() => isSettled);
    const wait = await Promise.race([settled, nextWait()]);
    if (isSettled || wait === undefined) return;
    moveTo(this.#clock, Math.min(wait, this.#network.arrival() ?? Infinity));
  }

  /** Gives the network what the engines have to send: how many had something. */
  #send(): number {
    let count = 0;
    for (const end of ENDS) {
      const engine = this.#engines[end];
      const bytes = engine.send();
      if (bytes.length > 0) count++;
      this.#network.send(end, bytes);
      if (isOver(engine) && !engine.pending && !this.#ended.has(end)) {
        this.#ended.add(end);
        this.#network.end(end);
      }
    }
    return count;
  }

  /** What goes wrong is kept in `engine.error`, and the alert in what it sends. */
  #receive(delivery: NetworkDelivery): void {
    const engine = this.#engines[delivery.to];
    if (isOver(engine)) return;
    try {
      // To an engine, a connection that was reset has ended without a word, too.
      if (delivery.kind === "bytes") engine.receive(delivery.bytes);
      else engine.endOfInput();
    } catch (error) {
      if (engine.error === null) throw error;
    }
  }
}

function isOver({ state }: TlsEngine): boolean {
  return state === "closed" || state === "failed";
}
