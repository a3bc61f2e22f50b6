/** Calls without an answer: aborted, too many, or left behind by an end that is closed. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { MemorySessionStore } from "../../../src/stores/memory.ts";
import {
  serveSessionStore,
  WorkerSessionStore,
} from "../../../src/stores/worker.ts";
import { failing, later } from "../../testdata/worker_store_later.ts";
import { abortOf, Channel, expiresAt, id, record, turn } from "./setup.ts";

let channel: Channel;
let inner: MemorySessionStore;
let ownerPort: MessagePort;
let workerPort: MessagePort;

describe("WorkerSessionStore", () => {
  beforeEach(() => {
    channel = new Channel();
    ({ inner, ownerPort, workerPort } = channel);
  });

  afterEach(() => channel.close());

  describe("when a signal is aborted", () => {
    it("rejects at once, and aborts the served store's", async () => {
      const { store, asked, answer } = channel.held();
      const controller = new AbortController();
      const { signal } = controller;
      const getting = store.get(id, { signal });
      const served = await asked;
      assertEquals(served.aborted, false);
      controller.abort(new Error("no more time"));
      await assertRejects(() => getting, Error, "no more time");
      await abortOf(served);
      answer(new Uint8Array(record));
      assertEquals(await store.take?.(id), undefined);
    });

    it("waits with set until the served store is done", async () => {
      const { promise: released, resolve: release } = Promise.withResolvers();
      const asked = Promise.withResolvers<AbortSignal>();
      const store = channel.connected({
        ...later(inner),
        set: async (id, record, options) => {
          const copy = new Uint8Array(record);
          if (options.signal) asked.resolve(options.signal);
          await released;
          inner.set(id, copy, options);
        },
      });
      const controller = new AbortController();
      const { signal } = controller;
      let settled = false;
      const setting = store.set(id, record, { expiresAt, signal })
        .finally(() => settled = true);
      const served = await asked.promise;
      controller.abort();
      await abortOf(served);
      assertEquals(await store.get(id), undefined);
      assertEquals(settled, false);
      release(undefined);
      await setting;
      assertEquals(inner.get(id), record);
    });

    it("fails with set as the served store does", async () => {
      const store = channel.connected({
        ...later(inner),
        set: (_id, _record, { signal }) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener("abort", () => reject(signal.reason));
          }),
      });
      const controller = new AbortController();
      const { signal } = controller;
      const setting = store.set(id, record, { expiresAt, signal });
      controller.abort();
      const error = await assertRejects(() => setting, Error);
      assert(error instanceof Error && error.name === "AbortError");
    });

    it("ignores one that is aborted after the answer", async () => {
      const store = channel.connected(inner);
      const controller = new AbortController();
      await store.get(id, { signal: controller.signal });
      let messages = 0;
      ownerPort.addEventListener("message", () => messages++);
      controller.abort();
      await store.get(id);
      assertEquals(messages, 1);
    });

    it("makes no call where that was before", async () => {
      const store = channel.connected(failing());
      const signal = AbortSignal.abort(new Error("no more time"));
      await assertRejects(
        () => store.get(id, { signal }),
        Error,
        "no more time",
      );
    });
  });

  describe("bounds how many calls are without an answer", () => {
    const message = "2 calls are pending; check that the store is served";

    it("where no one serves", async () => {
      const store = new WorkerSessionStore(workerPort, { maxPending: 2 });
      const pending = [store.delete(id, "fatal"), store.get(id)];
      const calls = [
        () => store.delete(id, "fatal"),
        () => store.get(id),
        () => store.set(id, record, { expiresAt }),
        () => store.purge(),
      ];
      const refused = calls.map((call) => assertRejects(call, Error, message));
      store.close();
      await Promise.all(refused);
      for (const call of pending) await assertRejects(() => call, Error);
    });

    it("of those that were aborted too, until they are answered", async () => {
      const store = new WorkerSessionStore(workerPort, { maxPending: 2 });
      for (const call of [store.get.bind(store), store.take]) {
        const controller = new AbortController();
        const calling = call?.(id, { signal: controller.signal });
        controller.abort(new Error("no more time"));
        await assertRejects(async () => await calling, Error, "no more time");
      }
      const refused = assertRejects(() => store.get(id), Error, message);
      const { promise: answered, resolve } = Promise.withResolvers<void>();
      let answers = 0;
      workerPort.addEventListener("message", () => {
        if (++answers === 2) resolve();
      });
      inner.set(id, record, { expiresAt });
      serveSessionStore(later(inner), ownerPort);
      await Promise.all([refused, answered]);
      // The take was cancelled before it was over: its record is lost.
      assertEquals(await store.get(id), undefined);
    });
  });

  describe("rejects pending calls", () => {
    it("when the service is closed, which aborts the signal", async () => {
      const { store, service, asked, answer } = channel.held();
      const getting = store.get(id);
      const served = await asked;
      service.close();
      service.close();
      const message = "Cannot look up the session: it is no longer served";
      await assertRejects(() => getting, Error, message);
      await assertRejects(() => store.get(id), Error, message);
      assertEquals(served.aborted, true);
      const late = new Uint8Array(record);
      answer(late);
      await turn();
      assertEquals(late, new Uint8Array(record.length));
    });

    it("when it is closed, which aborts the signal", async () => {
      const { store, asked } = channel.held();
      const getting = store.get(id);
      const served = await asked;
      store.close();
      store[Symbol.dispose]();
      const message = "Cannot look up the session: the session store is closed";
      await assertRejects(() => getting, Error, message);
      await assertRejects(() => store.get(id), Error, message);
      await abortOf(served);
    });

    it("when the port is closed", async () => {
      const { store, asked } = channel.held();
      const getting = store.get(id);
      await asked;
      ownerPort.close();
      const message = "Cannot look up the session: the port is closed";
      await assertRejects(() => getting, Error, message);
      await assertRejects(() => store.get(id), Error, message);
    });
  });

  it("ends the service when the port is closed", async () => {
    const { store, asked } = channel.held();
    const message = "the port is closed";
    const failed = assertRejects(() => store.get(id), Error, message);
    const served = await asked;
    workerPort.close();
    await abortOf(served);
    await failed;
  });
});
