import { LayeredSessionStore } from "../../../src/stores/layered.ts";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";

export const START = Date.UTC(2030, 0, 1);
export const { id, record } = numbered(1);
export const other = numbered(2);
export const expiresAt = new Date(START + 3_600_000);

/** Two stores in memory, and a layered one of them, by one clock. */
export class Layers {
  clock = START;
  readonly now = (): number => this.clock;
  readonly near: MemorySessionStore = new MemorySessionStore({
    now: this.now,
  });
  readonly far: MemorySessionStore = new MemorySessionStore({ now: this.now });
  readonly store: LayeredSessionStore = new LayeredSessionStore(
    this.near,
    this.far,
    { now: this.now },
  );
}

/** Holds up whoever waits until it is opened. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>();
  passed = false;
  readonly wait = (): Promise<void> => this.#opened.promise;

  open(): void {
    this.passed = true;
    this.#opened.resolve();
  }
}

/** Lets all go on that can. */
export function turns(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
