import type { Endpoint } from "../endpoint.ts";
import type { TlsEngine } from "../../tls/engine/engine.ts";
import { flushMicrotasks, moveTo } from "./time.ts";
import { clockInternals, type VirtualClock } from "../clock.ts";
import type { Network, NetworkDelivery } from "../network.ts";

/** The number of deliveries and waits after which a run counts as endless. */
const MAX_STEPS = 10_000;

const ENDS = ["client", "server"] as const;

/** Runs two engines over a network. */
export class PairDriver {
  readonly #engines: Readonly<Record<Endpoint, TlsEngine>>;
  readonly #network: Network;
  readonly #clock: VirtualClock;
  readonly #ended = new Set<Endpoint>();

  /** Creates a driver of engines over a network, by a clock. */
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
   * Runs until no bytes are in flight and no engine waits; false if that takes too many steps.
   * It waits for stores and `contextFor`, and moves the clock to the next arrival or callback.
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

  /** Waits until an engine is no longer pending, or moves the clock if it waits for the clock. */
  async #answer(
    pending: Promise<void>,
    nextWait: () => Promise<number>,
  ): Promise<void> {
    let isSettled = false;
    const settled = pending.then(() => void (isSettled = true));
    await flushMicrotasks(() => isSettled);
    const wait = await Promise.race([settled, nextWait()]);
    if (isSettled || wait === undefined) return;
    moveTo(this.#clock, Math.min(wait, this.#network.arrival() ?? Infinity));
  }

  /** Sends the bytes of both engines, and returns the number of engines that had any. */
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

  /** Delivers to an engine, which keeps a failure in `error`, and its alert in what it sends. */
  #receive(delivery: NetworkDelivery): void {
    const engine = this.#engines[delivery.to];
    if (isOver(engine)) return;
    try {
      // An engine has no notion of a reset: its transport has ended.
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
