/** The bytes of ids and records: no more are transferred than that, and none are left behind. */
import { assertEquals, assertRejects } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { MemorySessionStore } from "../../../src/stores/memory.ts";
import type { SessionEntry } from "../../../src/stores/session_store.ts";
import { later, listed } from "../../testdata/worker_store_later.ts";
import { abortOf, Channel, expiresAt, id, record, turn } from "./setup.ts";

let channel: Channel;
let inner: MemorySessionStore;
let workerPort: MessagePort;

describe("WorkerSessionStore", () => {
  beforeEach(() => {
    channel = new Channel();
    ({ inner, workerPort } = channel);
  });

  afterEach(() => channel.close());

  it("transfers only the bytes of id and record", async () => {
    const sizes: number[] = [];
    workerPort.postMessage = new Proxy(workerPort.postMessage, {
      apply: (post, port, [message, transfer]): void => {
        for (const value of Object.values(message)) {
          if (value instanceof Uint8Array) sizes.push(value.buffer.byteLength);
        }
        Reflect.apply(post, port, [message, transfer]);
      },
    });
    const received: number[] = [];
    const large = new Uint8Array(10_000);
    const answers = [large.subarray(10, 20), large.subarray(20, 40)];
    const store = channel.connected({
      ...later(inner),
      take: () => answers.shift(),
      async *entries(): AsyncGenerator<SessionEntry> {
        const id = large.subarray(0, 32);
        yield await Promise.resolve({ id, expiresAt, size: 1 });
      },
    });
    workerPort.addEventListener("message", ({ data: { answer } }) => {
      if (answer instanceof Uint8Array) received.push(answer.buffer.byteLength);
    });
    await store.set(large.subarray(0, 32), large.subarray(100, 150), {
      expiresAt,
    });
    await store.delete(large.subarray(0, 32), "revoked");
    await store.take?.(large.subarray(0, 32));
    await store.take?.(id);
    assertEquals(sizes, [32, 50, 32, 32, 32]);
    assertEquals(received, [10, 20]);
    assertEquals(large.length, 10_000);
    const entries = await listed(store.entries?.() ?? later(inner).entries());
    assertEquals(entries.map(({ id }) => id.buffer.byteLength), [32]);
  });

  it("leaves no copy of a record behind", async () => {
    const found = new Uint8Array(record);
    let given = found;
    const store = channel.connected({
      ...later(inner),
      get: () => found,
      set: (_id, record) => {
        given = record as Uint8Array<ArrayBuffer>;
      },
    });
    assertEquals(await store.get(id), record);
    assertEquals(found.length, 0);
    await store.set(id, record, { expiresAt });
    assertEquals(given, new Uint8Array(record.length));
  });

  it("wipes an answer that no call waits for", async () => {
    const { store, asked, answer } = channel.held();
    const controller = new AbortController();
    const getting = store.get(id, { signal: controller.signal });
    const served = await asked;
    controller.abort();
    await assertRejects(() => getting);
    await abortOf(served);
    const late = new Uint8Array(record);
    answer(late);
    await turn();
    assertEquals(late, new Uint8Array(record.length));
  });
});
