import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Worker as NodeWorker } from "node:worker_threads";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import {
  serveSessionStore,
  type SessionStoreService,
} from "../../../src/stores/worker.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";
import { later } from "../../testdata/worker_store_later.ts";

const COUNT = 200;
const ALL = Array.from({ length: COUNT }, (_, n) => n);
const SCRIPT = new URL("../../testdata/worker_store_taker.ts", import.meta.url);
const NODE_SCRIPT = new URL(
  "../../testdata/worker_store_node_taker.ts",
  import.meta.url,
);

describe("WorkerSessionStore in workers", () => {
  it("gives each session to one of those that take it", async () => {
    const memory = filled();
    const workers = await Promise.all([1, 2, 3, 4].map(startTaker));
    const services: SessionStoreService[] = [];
    const ports: MessagePort[] = [];
    const taken = await Promise.all(workers.map((worker, i) => {
      const answer = takenBy(worker);
      if (i % 2 === 0) {
        services.push(serveSessionStore(memory, worker));
        worker.postMessage({ count: COUNT });
      } else {
        const { port1, port2 } = new MessageChannel();
        ports.push(port1);
        services.push(serveSessionStore(memory, port1));
        worker.postMessage({ count: COUNT, port: port2 }, [port2]);
      }
      return answer;
    }));
    for (const service of services) service.close();
    for (const port of ports) port.close();
    for (const worker of workers) worker.terminate();
    assertEquals(taken.flat().sort((a, b) => a - b), ALL);
    assertEquals(memory.size, 0);
  });

  it("does so with node:worker_threads", async () => {
    const memory = filled();
    const taken = await Promise.all([1, 2, 3].map(async () => {
      const workerData = { count: COUNT };
      const worker = new NodeWorker(NODE_SCRIPT, { workerData });
      using _service = serveSessionStore(later(memory), worker);
      const { promise, resolve, reject } = Promise.withResolvers<number[]>();
      worker.on("message", ({ taken }) => {
        if (Array.isArray(taken)) resolve(taken);
      });
      worker.on("error", reject);
      const numbers = await promise;
      await worker.terminate();
      return numbers;
    }));
    assertEquals(taken.flat().sort((a, b) => a - b), ALL);
    assertEquals(memory.size, 0);
  });

  describe("ended in the middle of a call, leaves its owner as it was:", () => {
    it("a Worker", async () => {
      const memory = filled();
      const { held, asked, release } = holding(memory);
      const worker = await startTaker();
      const service = serveSessionStore(held, worker);
      worker.postMessage({ count: COUNT });
      await asked;
      worker.terminate();
      release();
      await settled();
      service.close();
      assertEquals(memory.size, COUNT - 1);
    });

    it("a Worker with a port, whose end the owner is told", async () => {
      const memory = filled();
      const { held, asked, release, signal } = holding(memory);
      const worker = await startTaker();
      const { port1, port2 } = new MessageChannel();
      serveSessionStore(held, port1);
      worker.postMessage({ count: COUNT, port: port2 }, [port2]);
      await asked;
      worker.terminate();
      await abortOf(await signal);
      release();
      await settled();
      assertEquals(memory.size, COUNT - 1);
    });

    it("a Worker of node:worker_threads, whose end the owner is told", async () => {
      const memory = filled();
      const { held, asked, release, signal } = holding(memory);
      const workerData = { count: COUNT };
      const worker = new NodeWorker(NODE_SCRIPT, { workerData });
      serveSessionStore(held, worker);
      await asked;
      await worker.terminate();
      await abortOf(await signal);
      release();
      await settled();
      assertEquals(memory.size, COUNT - 1);
    });
  });
});

function filled(): MemorySessionStore {
  const memory = new MemorySessionStore();
  for (const n of ALL) {
    const { id, record, expiresAt } = numbered(n);
    memory.set(id, record, { expiresAt });
  }
  return memory;
}

/** A store that holds each take up until it is released. */
function holding(memory: MemorySessionStore): {
  held: Required<Parameters<typeof serveSessionStore>[0]>;
  asked: Promise<void>;
  signal: Promise<AbortSignal>;
  release: () => void;
} {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const signal = Promise.withResolvers<AbortSignal>();
  const held = {
    ...later(memory),
    take: async (
      id: Uint8Array,
      options: { signal?: AbortSignal } = {},
    ): Promise<Uint8Array | undefined> => {
      if (options.signal) signal.resolve(options.signal);
      asked.resolve();
      await released.promise;
      return memory.take(id);
    },
  };
  return {
    held,
    asked: asked.promise,
    signal: signal.promise,
    release: released.resolve,
  };
}

/** A worker that is ready to be told what to do. */
async function startTaker(): Promise<Worker> {
  const worker = new Worker(SCRIPT, { type: "module" });
  await new Promise<void>((resolve) => {
    worker.addEventListener("message", () => resolve(), { once: true });
  });
  return worker;
}

function takenBy(worker: Worker): Promise<number[]> {
  return new Promise((resolve) => {
    worker.addEventListener("message", ({ data: { taken } }) => {
      if (Array.isArray(taken)) resolve(taken);
    });
  });
}

async function abortOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

/** Lets all go on that can. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
