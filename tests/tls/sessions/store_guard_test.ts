/** What a store is given, and what becomes of its answers. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { RemovalReason, SessionStore } from "@sesame/tls";
import { encodeSessionRecord } from "../../../src/tls/sessions/session_record.ts";
import { SessionCounters } from "../../../src/tls/sessions/session_stats.ts";
import { StoreGuard } from "../../../src/tls/sessions/store_guard.ts";

const ID = new Uint8Array(32);
const expiresAt = new Date(1000);

function guarded(store: Partial<SessionStore>): StoreGuard {
  return new StoreGuard({
    store: {
      get: () => undefined,
      set: () => {},
      delete: () => {},
      ...store,
    },
    lookupTimeout: 10_000,
    writeTimeout: 10_000,
    onStoreError: () => {},
  }, new SessionCounters());
}

describe("A record that a store is given", () => {
  it("is its own until the write has ended, and wiped then", async () => {
    const writing = Promise.withResolvers<void>();
    const store = guarded({ set: () => writing.promise });
    const record = new Uint8Array(4).fill(7);
    const { ended } = store.set(ID, record, { expiresAt });
    await Promise.resolve();
    assert(record.every((byte) => byte === 7));
    writing.resolve();
    await ended;
    assert(record.every((byte) => byte === 0));
  });
});

describe("An answer that is damaged", () => {
  it("is deleted, unless it is gone already or of another version", () => {
    const damaged = encodeSessionRecord({
      expiresAt: 1000,
      context: new Uint8Array(),
      der: Uint8Array.of(0x30, 1, 0),
    }).with(10, 0);
    const removals: RemovalReason[] = [];
    const ask = (answer: Uint8Array, operation: "get" | "take"): unknown =>
      guarded({
        [operation]: () => answer,
        delete: (_id, reason) => void removals.push(reason),
      })[operation](ID).answer;
    const malformed = { failure: "malformed-record" };
    assertEquals(ask(damaged, "get"), malformed);
    assertEquals(removals.splice(0), ["damaged"]);
    assertEquals(ask(damaged, "take"), malformed);
    assertEquals(ask(damaged.with(0, 3), "get"), malformed);
    assertEquals(removals, []);
  });
});

describe("An answer that connections share", () => {
  it("is asked for again once it has come", async () => {
    let calls = 0;
    const store = guarded({
      get: () => {
        calls++;
        return Promise.resolve(undefined);
      },
    });
    const [one, other] = [store.get(ID), store.get(ID)];
    await Promise.all([one.answer, other.answer]);
    assertEquals(calls, 1);
    await store.get(ID).answer;
    assertEquals(calls, 2);
  });
});
