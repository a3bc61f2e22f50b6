/**
 * A web worker that is told the memory of a SharedMemorySessionStore. With a count it takes the
 * numbered sessions, and tells which ones it got; otherwise it stores and takes until it is
 * terminated.
 */

import { SharedMemorySessionStore } from "../../src/stores/shared_memory.ts";
import { numbered } from "./numbered_sessions.ts";

interface Order {
  readonly memory: SharedArrayBuffer;
  readonly count?: number;
}

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(message: unknown): void;
};
scope.onmessage = ({ data: { memory, count } }): void => {
  const store = new SharedMemorySessionStore({ memory });
  if (count === undefined) return exercise(store);
  const taken: number[] = [];
  for (let n = 0; n < count; n++) {
    const record = store.take(numbered(n).id);
    if (record !== undefined) {
      taken.push(new DataView(record.buffer).getUint32(0));
    }
  }
  scope.postMessage({ taken });
};
scope.postMessage("ready");

function exercise(store: SharedMemorySessionStore): void {
  scope.postMessage("begun");
  for (let n = 0;; n = (n + 1) % 50) {
    const { id, record, expiresAt } = numbered(n);
    store.set(id, record, { expiresAt });
    if (n % 2 === 0) store.take(id);
  }
}
