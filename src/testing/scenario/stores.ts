import { MemorySessionStore } from "../../stores/memory.ts";
import type { SessionStore } from "../../stores/session_store.ts";
import type { PlannedFault } from "../faulty/plan.ts";
import type { ScenarioFault, ScenarioHost } from "./peers.ts";
import { defined } from "./validation.ts";
import { FaultyStore } from "../faulty_store.ts";
import type { TlsSandbox } from "../sandbox.ts";

/** The session stores of a scenario, and their faults. */
export class ScenarioStores {
  readonly #sandbox: TlsSandbox;
  readonly #stores: MemorySessionStore[] = [];
  readonly #tags = new Set<string>();
  /** The faulty stores by their list of faults, which equal servers share. */
  readonly #faulty = new Map<readonly ScenarioFault[], FaultyStore[]>();
  #shared: MemorySessionStore | undefined;

  /** Creates a set of no stores. */
  constructor(sandbox: TlsSandbox) {
    this.#sandbox = sandbox;
  }

  /** The store of a host, if it has one. */
  of(
    { store: where = "none", faults = [], tag }: ScenarioHost,
  ): SessionStore | undefined {
    if (where === "none") {
      if (faults.length === 0) return undefined;
      throw new TypeError("faults need a store, received no store");
    }
    if (tag !== undefined) this.#tags.add(tag);
    const store = where === "own"
      ? this.#newStore()
      : this.#shared ??= this.#newStore();
    return faults.length === 0 ? store : this.#withFaults(store, faults);
  }

  /** Removes all sessions with a tag, which must be that of a host, from all stores. */
  revoke(tag: string): void {
    if (!this.#tags.has(tag)) {
      throw new TypeError(
        `revoke must be the tag of a host with a store, received ${
          JSON.stringify(tag)
        }`,
      );
    }
    for (const store of this.#stores) store.revoke({ tag });
  }

  /** The number of faults that were injected so far. */
  get injected(): number {
    return [...this.#faulty.values()].flat()
      .flatMap(({ injected }) => Object.values(injected))
      .reduce((sum, count) => sum + count, 0);
  }

  /** The planned faults that didn't happen, as text. */
  get idle(): string[] {
    return [...this.#faulty].flatMap(([faults, stores]) => {
      const certain = faults.filter(({ when }) =>
        when?.probability === undefined
      );
      const kinds = new Set(certain.map(({ fault }) => fault.kind));
      return [...kinds].flatMap((kind) => {
        const due = certain.filter(({ fault }) => fault.kind === kind).length;
        const count = stores.reduce(
          (sum, { injected }) => sum + (injected[kind] ?? 0),
          0,
        );
        return count >= due ? [] : [
          `the store's fault "${kind}" is planned ${due} times, and happened ${count} times`,
        ];
      });
    });
  }

  #withFaults(
    store: MemorySessionStore,
    faults: readonly ScenarioFault[],
  ): SessionStore {
    const { clock, seed } = this.#sandbox;
    const faulty = new FaultyStore(store, {
      clock,
      seed,
      faults: faults.map(({ on, when, fault }) => ({
        on,
        when,
        // The check of the scenario has made sure that it has only fields of its kind.
        fault: defined(fault) as PlannedFault["fault"],
      })),
    });
    this.#faulty.set(faults, [...this.#faulty.get(faults) ?? [], faulty]);
    return faulty;
  }

  #newStore(): MemorySessionStore {
    const store = new MemorySessionStore({ now: this.#sandbox.clock.now });
    this.#stores.push(store);
    return store;
  }
}
