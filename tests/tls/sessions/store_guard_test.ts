/** The guard around a store: whose a record is, and when it is wiped. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { SessionStore } from "@sesame/tls";
import { SessionCounters } from "../../../src/tls/sessions/session_stats.ts";
import { StoreGuard } from "../../../src/tls/sessions/store_guard.ts";

const ID = new Uint8Array(32).fill(7);
const OPTIONS = {
  expiresAt: new Date(Date.now() + 60_000),
  signal: new AbortController().signal,
};

function guarded(set: SessionStore["set"]): StoreGuard {
  return new StoreGuard({
    store: { get: () => undefined, set, delete: () => {} },
    lookupTimeout: 10_000,
    writeTimeout: 10_000,
    onStoreError: () => {},
  }, new SessionCounters());
}

describe("A record that is written", () => {
  it("is wiped at once if the store is done at once", () => {
    const record = new Uint8Array(8).fill(1);
    const { answer, ended } = guarded(() => {}).set(ID, record, OPTIONS);
    assertEquals([answer, ended], [undefined, undefined]);
    assertEquals(record, new Uint8Array(8));
  });

  it("is wiped when the store is done, if that is later", async () => {
    const record = new Uint8Array(8).fill(1);
    const writing = Promise.withResolvers<void>();
    const { answer, ended } = guarded(() => writing.promise)
      .set(ID, record, OPTIONS);
    assert(answer instanceof Promise);
    await Promise.resolve();
    assertEquals(record, new Uint8Array(8).fill(1));
    writing.resolve();
    await ended;
    assertEquals(record, new Uint8Array(8));
  });

  it("is wiped when the store has failed", async () => {
    const record = new Uint8Array(8).fill(1);
    const { ended } = guarded(() => Promise.reject(new Error("expected")))
      .set(ID, record, OPTIONS);
    await ended;
    assertEquals(record, new Uint8Array(8));
  });
});
