import type { WorkerSessionStore } from "../../src/stores/worker.ts";
import { numbered } from "./numbered_sessions.ts";

/** Takes the first `count` sessions; returns the numbers of those it got. */
export async function takeAll(
  store: WorkerSessionStore,
  count: number,
): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < count; n++) {
    const record = await store.take?.(numbered(n).id);
    if (record === undefined) continue;
    // The number is in its first bytes.
    taken.push(new DataView(record.buffer).getUint32(0));
  }
  return taken;
}
