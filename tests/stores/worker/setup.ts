import { MemorySessionStore } from "../../../src/stores/memory.ts";
import type { SessionStore } from "../../../src/stores/session_store.ts";
import {
  serveSessionStore,
  type SessionStoreService,
  WorkerSessionStore,
} from "../../../src/stores/worker.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";
import { type FullStore, later } from "../../testdata/worker_store_later.ts";

export const { id, record, expiresAt } = numbered(1);

/** A channel between the owner of a store and its worker, both of which are here. */
export class Channel {
  /** The owner's store, in memory. */
  readonly inner: MemorySessionStore = new MemorySessionStore();
  readonly ownerPort: MessagePort;
  readonly workerPort: MessagePort;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    [this.ownerPort, this.workerPort] = [port1, port2];
  }

  /** A store over the channel, which the test leaves open. */
  connected(served: SessionStore): WorkerSessionStore {
    serveSessionStore(served, this.ownerPort);
    return new WorkerSessionStore(this.workerPort);
  }

  /** A store whose `get` waits until the test answers it. */
  held(): {
    store: WorkerSessionStore;
    service: SessionStoreService;
    asked: Promise<AbortSignal>;
    answer: (record: Uint8Array) => void;
  } {
    const asked = Promise.withResolvers<AbortSignal>();
    const answered = Promise.withResolvers<Uint8Array>();
    const served: FullStore = {
      ...later(this.inner),
      get: (_id, { signal } = {}) => {
        if (signal) asked.resolve(signal);
        return answered.promise;
      },
    };
    const service = serveSessionStore(served, this.ownerPort);
    const store = new WorkerSessionStore(this.workerPort);
    return {
      store,
      service,
      asked: asked.promise,
      answer: answered.resolve,
    };
  }

  close(): void {
    this.ownerPort.close();
    this.workerPort.close();
  }
}

/** Waits until a signal is aborted. */
export async function abortOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

/** Lets all go on that can. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
