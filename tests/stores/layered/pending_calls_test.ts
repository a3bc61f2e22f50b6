/** Calls that are pending together leave nothing near that far has no longer. */
import { assertEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { LayeredSessionStore } from "../../../src/stores/layered.ts";
import type { MemorySessionStore } from "../../../src/stores/memory.ts";
import { type FullStore, later } from "../../testdata/worker_store_later.ts";
import { expiresAt, Gate, id, Layers, other, record, turns } from "./setup.ts";

let layers: Layers;
const now = (): number => layers.clock;
let near: MemorySessionStore;
let far: MemorySessionStore;
let store: LayeredSessionStore;

describe("LayeredSessionStore", () => {
  beforeEach(() => {
    layers = new Layers();
    ({ near, far, store } = layers);
  });

  describe("puts nothing old back near: a get that is pending", () => {
    const changes: [string, () => unknown][] = [
      ["during a delete", () => store.delete(id, "revoked")],
      ["during a take", () => store.take?.(id)],
      ["during a set", () => store.set(id, other.record, { expiresAt })],
      ["during a revoke", () => store.revoke?.({ tag: "alice" })],
    ];
    const orders: [string, ("get" | "change")[], ("get" | "change")[]][] = [
      ["and began before it", ["get", "change"], ["change", "get"]],
      ["and began after it", ["change", "get"], ["change", "get"]],
      ["and ended before it", ["change", "get"], ["get", "change"]],
    ];
    for (const [what, change] of changes) {
      for (const [order, begins, ends] of orders) {
        it(`${what} ${order}`, async () => {
          far.set(id, record, { expiresAt, tag: "alice" });
          const gates = { get: new Gate(), change: new Gate() };
          // The get's answer is what was there before the change.
          const old = new Uint8Array(record);
          const behind = <T>(call: () => T): Promise<T> =>
            gates.change.wait().then(call);
          store = new LayeredSessionStore(near, {
            get: async (id) => {
              if (gates.get.passed) return far.get(id);
              await gates.get.wait();
              return old;
            },
            set: (id, record, options) =>
              behind(() => far.set(id, record, options)),
            delete: (id, reason) => behind(() => far.delete(id, reason)),
            take: (id) => behind(() => far.take(id)),
            revoke: (options) => behind(() => far.revoke(options)),
          }, { now });

          const pending = { get: Promise.resolve(), change: Promise.resolve() };
          for (const call of begins) {
            const answer = call === "get" ? store.get(id) : change();
            pending[call] = Promise.resolve(answer).then(() => {});
          }
          for (const call of ends) {
            gates[call].open();
            await pending[call];
          }
          assertEquals(await store.get(id), far.get(id));
          assertEquals(
            far.get(id),
            what === "during a set" ? other.record : undefined,
          );
        });
      }
    }

    it("during clear", async () => {
      const gate = new Gate();
      store = new LayeredSessionStore(near, later(far, gate.wait), { now });
      far.set(id, record, { expiresAt });
      const pending = store.get(id);
      store.clear();
      gate.open();
      await pending;
      assertEquals(near.size, 0);
    });
  });

  it("returns no deleted record that a slow near store sets late", async () => {
    const gate = new Gate();
    store = new LayeredSessionStore(
      {
        ...later(near),
        set: async (...call) => {
          await gate.wait();
          near.set(...call);
        },
      },
      far,
      { now },
    );
    store.set(id, record, { expiresAt });
    store.delete(id, "revoked");
    gate.open();
    await turns();
    assertEquals(await store.get(id), undefined);
    // The near store removes what came late some turns later.
    for (let i = 0; near.size > 0 && i < 100; i++) await turns();
    assertEquals(near.size, 0);
  });

  describe("keeps nothing of changes that are pending together:", () => {
    /** How far sees them, then how they are answered. */
    const orders: ["first" | "second", "first" | "second"][] = [
      ["first", "first"],
      ["first", "second"],
      ["second", "first"],
      ["second", "second"],
    ];
    const seconds: [string, () => unknown][] = [
      ["two sets", () => store.set(id, other.record, { expiresAt })],
      ["a set and a revoke", () => store.revoke?.({ tag: "alice" })],
    ];
    for (const [what, second] of seconds) {
      for (const [seen, answered] of orders) {
        it(`${what}, the ${seen} seen and the ${answered} answered before`, async () => {
          const gates = {
            first: { begin: new Gate(), end: new Gate() },
            second: { begin: new Gate(), end: new Gate() },
          };
          const slow = (from: "first" | "second"): FullStore => {
            const waits = [gates[from].begin, gates[from].end];
            return later(far, () => waits.shift()?.wait() ?? Promise.resolve());
          };
          let calls = [slow("first"), slow("second")];
          const next = (): FullStore => calls.shift() ?? far;
          store = new LayeredSessionStore(near, {
            get: (id) => far.get(id),
            set: (...call) => next().set(...call),
            delete: (...call) => far.delete(...call),
            revoke: (options) => next().revoke(options),
          }, { now });

          const pending = {
            first: store.set(id, record, { expiresAt, tag: "alice" }),
            second: second(),
          };
          const both = ["first", "second"] as const;
          const from = (name: "first" | "second"): typeof both[number][] =>
            name === "first" ? [...both] : [...both].reverse();
          for (const name of from(seen)) {
            gates[name].begin.open();
            await turns();
          }
          for (const name of from(answered)) {
            gates[name].end.open();
            await pending[name];
          }
          calls = [];
          assertEquals(near.size, 0);
          assertEquals(store.get(id), far.get(id));
        });
      }
    }
  });
});
