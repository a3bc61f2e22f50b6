/** Messages of others on the same port, and of an end that sends something else. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { MemorySessionStore } from "../../../src/stores/memory.ts";
import { WorkerSessionStore } from "../../../src/stores/worker.ts";
import { later } from "../../testdata/worker_store_later.ts";
import { Channel, expiresAt, id, record, turn } from "./setup.ts";

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

  describe("with malformed messages", () => {
    const plain = { sesame: 1, n: 1, call: "get", id };
    const foreign: unknown[] = [
      undefined,
      null,
      "get",
      1,
      [],
      new Uint8Array(8),
      {},
      { ...plain, sesame: 2 },
      { ...plain, sesame: "1" },
      { ...plain, n: "1" },
      { ...plain, n: 1.5 },
      { ...plain, n: NaN },
      { ...plain, n: undefined },
      { ...plain, call: undefined },
      { ...plain, call: { get: true } },
      { sesame: 1, n: 7, call: "cancel" },
      { sesame: 1, n: 7, answer: record },
    ];
    const wrong: [object, string][] = [
      [{ call: "constructor" }, "unknown call"],
      [{ call: "get" }, "id must be a Uint8Array"],
      [{ call: "take", id: "id" }, "id must be a Uint8Array"],
      [{ call: "get", id: new Uint8Array(2_000) }, "at most 1024 bytes"],
      [{ call: "set", id, expiresAt }, "record must be a Uint8Array"],
      [{ call: "set", id, record }, "expiresAt must be a Date"],
      [{ call: "set", id, record, expiresAt: new Date(NaN) }, "a valid date"],
      [{ call: "set", id, record, expiresAt, tag: 1 }, "tag must be a string"],
      [{ call: "delete", id, reason: "constructor" }, "unknown reason"],
      [{ call: "delete", id }, "unknown reason"],
      [{ call: "revoke", tag: "" }, "tag must be 1 to 256 bytes"],
      [{ call: "next", list: 5 }, "the list has ended"],
      [{ call: "next" }, "the list has ended"],
    ];

    it("the owner ignores foreign messages, and answers the rest", async () => {
      let calls = 0;
      const called = (): undefined => void calls++;
      const store = channel.connected({
        ...later(inner),
        get: called,
        take: called,
        set: called,
        delete: called,
        revoke: () => ++calls,
      });
      const answers: { n: number; error?: { message: string } }[] = [];
      workerPort.addEventListener("message", ({ data }) => answers.push(data));
      for (const message of foreign) workerPort.postMessage(message);
      for (const [n, [fields]] of wrong.entries()) {
        workerPort.postMessage({ sesame: 1, n, ...fields });
      }
      await store.purge();
      await turn();
      answers.sort((a, b) => a.n - b.n);
      assertEquals(calls, 0);
      assertEquals(answers.length, wrong.length + 1);
      for (const [n, [, message]] of wrong.entries()) {
        assert(answers[n]?.error?.message.includes(message), message);
      }
    });

    it("the owner makes one call of a number at a time", async () => {
      const { store, asked, answer } = channel.held();
      const answers: number[] = [];
      workerPort.addEventListener(
        "message",
        ({ data }) => answers.push(data.n),
      );
      for (const call of ["get", "take", "take"]) {
        workerPort.postMessage({ ...plain, call });
      }
      await asked;
      await store.purge();
      assertEquals(answers.length, 1);
      answer(new Uint8Array(record));
      await store.purge();
      workerPort.postMessage({ ...plain, call: "take" });
      await store.purge();
      assertEquals(answers.filter((n) => n === plain.n).length, 2);
    });

    it("the worker ignores messages that are no answers", async () => {
      const posted = new Promise<{ n: number }>((resolve) => {
        ownerPort.addEventListener("message", ({ data }) => resolve(data));
        ownerPort.start();
      });
      using store = new WorkerSessionStore(workerPort);
      const getting = store.get(id);
      const { n } = await posted;
      for (const message of foreign) ownerPort.postMessage(message);
      const others = [
        { sesame: 1, n },
        { sesame: 1, n, call: "get", id },
        { sesame: 2, n, answer: id },
        { sesame: 1, n: n + 1, answer: id },
        { sesame: 2, closed: true },
        { sesame: 1, closed: "yes" },
      ];
      for (const message of others) ownerPort.postMessage(message);
      ownerPort.postMessage({ sesame: 1, n, answer: record });
      ownerPort.postMessage({ sesame: 1, n, answer: id });
      assertEquals(await getting, record);
    });

    it("the worker treats an answer that is no record as a miss", async () => {
      const store = channel.connected({
        ...later(inner),
        get: () => "text" as unknown as Uint8Array,
      });
      assertEquals(await store.get(id), undefined);
    });

    it("the owner reports an answer that can't be cloned", async () => {
      const store = channel.connected({
        ...later(inner),
        get: () => (() => {}) as unknown as Uint8Array,
      });
      await assertRejects(() => store.get(id), Error, "could not be cloned");
    });
  });
});
