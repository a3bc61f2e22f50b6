import { MemorySessionStore } from "../../src/stores/memory.ts";
import { VirtualClock } from "../../src/testing/clock.ts";
import {
  FaultyStore,
  type FaultyStoreOptions,
  type PlannedFault,
} from "../../src/testing/faulty_store.ts";

/** Session ids and records. */
export const ID: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => i);
export const OTHER: Uint8Array = ID.map((byte) => byte ^ 1);
export const FIRST: Uint8Array = Uint8Array.of(1, 2, 3);
export const SECOND: Uint8Array = Uint8Array.of(4, 5, 6);

/** Options of `set`: for an hour. */
export function anHour(
  clock: VirtualClock = new VirtualClock(),
): { expiresAt: Date } {
  return { expiresAt: new Date(clock.now() + 3_600_000) };
}

/** A store over one in memory, and the clock of both. */
export function setup(
  faults: PlannedFault[],
  options: FaultyStoreOptions = {},
): { store: FaultyStore<MemorySessionStore>; clock: VirtualClock } {
  const clock = new VirtualClock();
  const inner = new MemorySessionStore({ now: clock.now });
  return {
    store: new FaultyStore(inner, { clock, faults, ...options }),
    clock,
  };
}

/** Lets everything happen that waits for no clock. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
