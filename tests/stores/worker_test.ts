import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import type { SessionStore } from "../../src/stores/session_store.ts";
import {
  serveSessionStore,
  type SessionStorePort,
  WorkerSessionStore,
} from "../../src/stores/worker.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import { numbered } from "../testdata/numbered_sessions.ts";
import { failing, later, listed } from "../testdata/worker_store_later.ts";
import { Channel, expiresAt, id, record } from "./worker/setup.ts";

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
    const store = channel.connected({
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
    const store = channel.connected(failing());
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
