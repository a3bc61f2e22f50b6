import type { VirtualClock } from "../clock.ts";

/** How many turns of the microtask queue an end has to answer before time passes. */
const ANSWER_TURNS = 100;

/**
 * Lets the ends read what they were given, and write what they say to it, until it `isDone`:
 * at most so many turns as streams take for that. No timer would do, as it may be
 * `FakeTime`'s.
 */
export async function answers(
  isDone: () => boolean = () => false,
): Promise<void> {
  for (let turn = 0; turn < ANSWER_TURNS && !isDone(); turn++) await undefined;
}

/** Moves a clock on to a time, if that isn't past: one that goes by itself may be ahead. */
export function moveTo(clock: VirtualClock, time: number): void {
  clock.set(Math.max(time, clock.now()));
}
