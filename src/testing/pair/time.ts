import type { VirtualClock } from "../clock.ts";

/** The turns of the microtask queue that endpoints have to reply before time passes. */
const REPLY_TURNS = 100;

/**
 * Lets pending promises settle until `isDone`: as many turns of the microtask queue as streams
 * need for a reply. A timer wouldn't do, as `FakeTime` may have replaced it.
 */
export async function flushMicrotasks(
  isDone: () => boolean = () => false,
): Promise<void> {
  for (let turn = 0; turn < REPLY_TURNS && !isDone(); turn++) await undefined;
}

/** Moves a clock to a time, unless it is past it, as one that follows another may be. */
export function moveTo(clock: VirtualClock, time: number): void {
  clock.set(Math.max(time, clock.now()));
}
