import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import type {
  SessionEntry,
  SessionStore,
} from "../../src/stores/session_store.ts";
import {
  serveSessionStore,
  type SessionStorePort,
  type SessionStoreService,
  WorkerSessionStore,
} from "../../src/stores/worker.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import { numbered } from "../testdata/numbered_sessions.ts";
import {
  failing,
  type FullStore,
  later,
  listed,
} from "../testdata/worker_store_later.ts";

const { id, record, expiresAt } = numbered(1);

let inner: MemorySessionStore;
let ownerPort: MessagePort;
let workerPort: MessagePort;

describe("WorkerSessionStore", () => {
  beforeEach(() => {
    inner = new MemorySessionStore();
    ({ port1: ownerPort, port2: workerPort } = new MessageChannel());
  });

  afterEach(() => {
    ownerPort.close();
    workerPort.close();
  });

  const kinds: [string, (now: () => number) => SessionStore][] = [
    ["a store that answers at once", (now) => new MemorySessionStore({ now })],
    [
      "a store that answers later",
      (now) => later(new MemorySessionStore({ now })),
    ],
  ];
  for (const [kind, create] of kinds) {
    describe(`keeps the promises of SessionStore with ${kind}`, () => {
      const checks = checkSessionStore((now) => overChannel(create(now)));
      for (const { name, run } of checks) it(name, run);
    });
  }

  it("fails as the served store does, without its stack", async () => {
    class OddError extends Error {
      override name = "OddError";
    }
    const store = connected({
      ...failing(),
      get: () => Promise.reject(new OddError("odd")),
      take: () => Promise.reject("a text"),
    });
    const error = await assertRejects(() => store.get(id), Error, "odd");
    assertInstanceOf(error, Error);
    assertEquals(error.name, "OddError");
    assert(!error.stack?.includes("worker_store_test"));
    await assertRejects(async () => await store.take?.(id), Error, "a text");
    const calls = [
      () => store.set(id, record, { expiresAt }),
      () => store.delete(id, "revoked"),
      () => store.revoke?.({ tag: "alice" }),
      () => store.purge(),
      () => listed(store.entries?.() ?? later(inner).entries()),
    ];
    for (const call of calls) {
      await assertRejects(async () => await call(), Error, "out of order");
    }
  });

  it("rejects invalid arguments without a message", async () => {
    const store = connected(failing());
    const wrong = "id" as unknown as Uint8Array;
    const calls: [() => unknown, string][] = [
      [() => store.get(wrong), "id must be a Uint8Array"],
      [() => store.take?.(wrong), "id must be a Uint8Array"],
      [() => store.delete(wrong, "fatal"), "id must be a Uint8Array"],
      [
        () => store.set(id, wrong, { expiresAt }),
        "record must be a Uint8Array",
      ],
      [() => store.revoke?.({ tag: "" }), "tag must be 1 to 256 bytes"],
    ];
    for (const [call, message] of calls) {
      await assertRejects(async () => await call(), Error, message);
    }
  });

  describe("when a signal is aborted", () => {
    it("rejects at once, and aborts the served store's", async () => {
      const { store, asked, answer } = held();
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
      const store = connected({
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
      const store = connected({
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
      const store = connected(inner);
      const controller = new AbortController();
      await store.get(id, { signal: controller.signal });
      let messages = 0;
      ownerPort.addEventListener("message", () => messages++);
      controller.abort();
      await store.get(id);
      assertEquals(messages, 1);
    });

    it("makes no call where that was before", async () => {
      const store = connected(failing());
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

  it("works with a port that delivers synchronously, or never", async () => {
    const [near, far] = [new DirectPort(), new DirectPort()];
    [near.other, far.other] = [far, near];
    serveSessionStore(inner, far);
    const store = new WorkerSessionStore(near, { maxPending: 1 });
    await store.set(id, record, { expiresAt });
    assertEquals(await store.get(id), record);
    near.other = undefined;
    const { signal } = new AbortController();
    for (let i = 0; i < 2; i++) {
      const get = () => store.get(id, { signal });
      await assertRejects(get, Error, "the line is dead");
    }
    near.other = far;
    assertEquals(await store.get(id), record);
  });

  describe("rejects pending calls", () => {
    it("when the service is closed, which aborts the signal", async () => {
      const { store, service, asked, answer } = held();
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
      const { store, asked } = held();
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
      const { store, asked } = held();
      const getting = store.get(id);
      await asked;
      ownerPort.close();
      const message = "Cannot look up the session: the port is closed";
      await assertRejects(() => getting, Error, message);
      await assertRejects(() => store.get(id), Error, message);
    });
  });

  it("ends the service when the port is closed", async () => {
    const { store, asked } = held();
    const message = "the port is closed";
    const failed = assertRejects(() => store.get(id), Error, message);
    const served = await asked;
    workerPort.close();
    await abortOf(served);
    await failed;
  });

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
    const store = connected({
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
    const store = connected({
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
    const { store, asked, answer } = held();
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

  describe("lists", () => {
    it("many sessions, no more at a time than are wanted", async () => {
      const listing = counting(1_000);
      const store = connected({ ...later(inner), entries: listing.entries });
      const ids: number[] = [];
      for await (const { id } of store.entries?.() ?? []) {
        ids.push(new DataView(id.buffer).getUint32(0));
        assertLess(listing.count - ids.length, 256);
      }
      assertEquals(ids, Array.from({ length: 1_000 }, (_, n) => n));
      assertEquals(listing.ended, 1);
    });

    it("and ends the list where the reader does", async () => {
      const listing = counting(1_000);
      const store = connected({ ...later(inner), entries: listing.entries });
      for await (const _ of store.entries?.() ?? []) break;
      // The owner has seen the end by the time it answers the next call.
      await store.get(id);
      assertEquals(listing.ended, 1);
      assertEquals(listing.count, 256);
    });

    it("and ends those that do so without a promise, or throw", async () => {
      const ended: string[] = [];
      const endings: (() => never)[] = [
        () => {
          ended.push("at once");
          return { done: true, value: undefined } as never;
        },
        () => {
          ended.push("by throwing");
          throw new Error("out of order");
        },
      ];
      const store = connected({
        ...later(inner),
        entries: () => {
          const list = counting(1_000).entries();
          return Object.assign(list, { return: endings.shift() });
        },
      });
      for (let i = 0; i < 2; i++) {
        for await (const _ of store.entries?.() ?? []) break;
      }
      await store.get(id);
      assertEquals(ended, ["at once", "by throwing"]);
    });

    it("and ends the list where the service does", async () => {
      const listing = counting(1_000);
      const service = serveSessionStore(
        { ...later(inner), entries: listing.entries },
        ownerPort,
      );
      using store = new WorkerSessionStore(workerPort);
      const list = store.entries?.();
      await list?.next();
      service.close();
      await turn();
      assertEquals(listing.ended, 1);
      await assertRejects(
        async () => {
          for (;;) if ((await list?.next())?.done) return;
        },
        Error,
        "Cannot list the sessions: it is no longer served",
      );
    });

    it("and fails in the middle if the served store does", async () => {
      const store = connected({
        ...later(inner),
        async *entries(): AsyncGenerator<SessionEntry> {
          yield* counting(300).entries();
          throw new Error("out of order");
        },
      });
      const seen: SessionEntry[] = [];
      await assertRejects(
        async () => {
          for await (const entry of store.entries?.() ?? []) seen.push(entry);
        },
        Error,
        "out of order",
      );
      assertEquals(seen.length, 256);
    });

    it("at most 16 at a time, and ends the oldest", async () => {
      const listing = counting(600);
      const store = connected({ ...later(inner), entries: listing.entries });
      const lists = Array.from({ length: 17 }, () => store.entries?.());
      for (const list of lists) await list?.next();
      assertEquals(listing.ended, 1);
      const [oldest, next] = lists;
      assert(oldest && next);
      await assertRejects(() => listed(oldest), Error, "the list has ended");
      assertEquals((await listed(next)).length, 599);
    });

    it("any number of times, one after the other", async () => {
      const store = connected({
        ...later(inner),
        entries: counting(300).entries,
      });
      const first = store.entries?.() ?? later(inner).entries();
      const again = (): AsyncIterable<SessionEntry> =>
        store.entries?.() ?? later(inner).entries();
      await first[Symbol.asyncIterator]().next();
      for (let i = 0; i < 20; i++) {
        assertEquals((await listed(again())).length, 300);
      }
      assertEquals((await listed(first)).length, 299);
    });
  });

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
      const store = connected({
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
      const { store, asked, answer } = held();
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
      const store = connected({
        ...later(inner),
        get: () => "text" as unknown as Uint8Array,
      });
      assertEquals(await store.get(id), undefined);
    });

    it("the owner reports an answer that can't be cloned", async () => {
      const store = connected({
        ...later(inner),
        get: () => (() => {}) as unknown as Uint8Array,
      });
      await assertRejects(() => store.get(id), Error, "could not be cloned");
    });
  });

  it("shares its port with others, and with other stores", async () => {
    const service = serveSessionStore(inner, ownerPort);
    const stores = [1, 2].map(() => new WorkerSessionStore(workerPort));
    await Promise.all(stores.map(async (store, n) => {
      const { id, record } = numbered(n);
      await store.set(id, record, { expiresAt });
      assertEquals(await store.get(id), record);
    }));
    for (const store of stores) store.close();
    service.close();
  });

  it("serves both ways over one channel", async () => {
    const one = serveSessionStore(inner, ownerPort);
    const other = serveSessionStore(new MemorySessionStore(), workerPort);
    const there = new WorkerSessionStore(workerPort);
    const back = new WorkerSessionStore(ownerPort);
    await there.set(id, record, { expiresAt });
    assertEquals(inner.get(id), record);
    assertEquals(await back.get(id), undefined);
    for (const end of [there, back, one, other]) end.close();
  });

  it("has the served methods", async () => {
    const { get, set, delete: remove } = later(inner);
    const basic = { get, set, delete: remove };
    for (const method of ["take", "revoke", "entries"] as const) {
      const methods = [method];
      const message =
        `Cannot serve the session store: it has no method ${method};`;
      assertThrows(
        () => serveSessionStore(basic, ownerPort, { methods }),
        TypeError,
        message,
      );
      using store = new WorkerSessionStore(workerPort, { methods });
      const all = [store.take, store.revoke, store.entries];
      assertEquals(all.map((method) => typeof method).sort(), [
        "function",
        "undefined",
        "undefined",
      ]);
    }
    assertThrows(() => serveSessionStore(basic, ownerPort), TypeError);

    using _service = serveSessionStore(basic, ownerPort, { methods: [] });
    using store = new WorkerSessionStore(workerPort);
    assertEquals(await store.purge(), 0);
    const calls: [string, () => unknown][] = [
      ["take", () => store.take?.(id)],
      ["revoke", () => store.revoke?.({ tag: "alice" })],
      ["entries", () => listed(store.entries?.() ?? later(inner).entries())],
    ];
    for (const [method, call] of calls) {
      const message = `the served store has no method ${method}`;
      await assertRejects(async () => await call(), Error, message);
    }
  });

  it("refuses invalid options", () => {
    const create = (options: object): unknown =>
      new WorkerSessionStore(workerPort, options);
    assertThrows(() => create({ maxPending: 0 }), RangeError, "maxPending");
    assertThrows(
      () => create({ method: ["take"] }),
      TypeError,
      "options.method is not an option",
    );
    const options = { maxPending: 1 } as object;
    assertThrows(
      () => serveSessionStore(inner, ownerPort, options),
      TypeError,
      "options.maxPending is not an option",
    );
  });

  it("refuses a value that is no port", () => {
    const wrong = [undefined, null, {}, { postMessage: () => {} }, "port"];
    for (const port of wrong as unknown as SessionStorePort[]) {
      const message = "port must have the methods postMessage";
      assertThrows(() => new WorkerSessionStore(port), TypeError, message);
      assertThrows(() => serveSessionStore(inner, port), TypeError, message);
    }
  });

  /** A store over the test's channel, which the test leaves open. */
  function connected(served: SessionStore): WorkerSessionStore {
    serveSessionStore(served, ownerPort);
    return new WorkerSessionStore(workerPort);
  }

  /** A store whose `get` waits until the test answers it. */
  function held(): {
    store: WorkerSessionStore;
    service: SessionStoreService;
    asked: Promise<AbortSignal>;
    answer: (record: Uint8Array) => void;
  } {
    const asked = Promise.withResolvers<AbortSignal>();
    const answered = Promise.withResolvers<Uint8Array>();
    const served: FullStore = {
      ...later(inner),
      get: (_id, { signal } = {}) => {
        if (signal) asked.resolve(signal);
        return answered.promise;
      },
    };
    const service = serveSessionStore(served, ownerPort);
    const store = new WorkerSessionStore(workerPort);
    return {
      store,
      service,
      asked: asked.promise,
      answer: answered.resolve,
    };
  }
});

/** A port that hands its messages over before postMessage returns. */
class DirectPort {
  other: DirectPort | undefined;
  readonly #listeners = new Map<string, ((value: unknown) => void)[]>();

  on(type: string, listener: (value: unknown) => void): void {
    const listeners = this.#listeners.get(type) ?? [];
    this.#listeners.set(type, [...listeners, listener]);
  }

  off(): void {}

  postMessage(message: unknown): void {
    if (this.other === undefined) throw new Error("the line is dead");
    const copy = structuredClone(message);
    const listeners = this.other.#listeners.get("message") ?? [];
    for (const listener of listeners) listener(copy);
  }
}

/** A store served over a channel of its own, which ends with it. */
function overChannel(inner: SessionStore): SessionStore & Disposable {
  const { port1, port2 } = new MessageChannel();
  const service = serveSessionStore(inner, port1);
  const store = new WorkerSessionStore(port2);
  return Object.assign(store, {
    [Symbol.dispose]: (): void => {
      store.close();
      service.close();
      port1.close();
      port2.close();
    },
  });
}

/** A list of `total` sessions, and how far it has been read. */
function counting(total: number): {
  count: number;
  ended: number;
  entries: () => AsyncGenerator<SessionEntry>;
} {
  const listing = {
    count: 0,
    ended: 0,
    async *entries(): AsyncGenerator<SessionEntry> {
      try {
        for (let n = 0; n < total; n++) {
          listing.count++;
          const { id } = await Promise.resolve(numbered(n));
          yield { id, expiresAt, size: 1 };
        }
      } finally {
        listing.ended++;
      }
    },
  };
  return listing;
}

async function abortOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

/** Lets all go on that can. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
