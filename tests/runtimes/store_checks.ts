/**
 * The checks of stores that keep sessions in memory.
 *
 * @module
 */
import { EncryptedSessionStore } from "../../src/stores/encrypted.ts";
import { LayeredSessionStore } from "../../src/stores/layered.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import type { SessionStore } from "../../src/stores/session_store.ts";
import {
  serveSessionStore,
  WorkerSessionStore,
} from "../../src/stores/worker.ts";
import type { Checks } from "./checks.ts";

/** Those for every runtime. */
export const STORE_CHECKS: Checks = {
  "memory: sessions are revoked": () => revoke(new MemorySessionStore()),
  "encrypted: sessions are revoked": () => {
    const key = EncryptedSessionStore.generateKey();
    return revoke(new EncryptedSessionStore(new MemorySessionStore(), [key]));
  },
  "layered: sessions are revoked": () => {
    const [near, far] = [new MemorySessionStore(), new MemorySessionStore()];
    return revoke(new LayeredSessionStore(near, far));
  },
};

/** Those for runtimes whose ports can transfer buffers: workerd's can't. */
export const PORT_CHECKS: Checks = {
  "over a port: sessions are revoked": async () => {
    const { port1, port2 } = new MessageChannel();
    const service = serveSessionStore(new MemorySessionStore(), port1);
    const store = new WorkerSessionStore(port2);
    try {
      await revoke(store);
    } finally {
      store.close();
      service.close();
      port1.close();
      port2.close();
    }
  },
};

async function revoke(store: SessionStore): Promise<void> {
  const expiresAt = new Date(Date.now() + 3_600_000);
  for (const n of [1, 2, 3]) {
    const tag = n < 3 ? "alice" : "bob";
    await store.set(Uint8Array.of(n), Uint8Array.of(n, n), { expiresAt, tag });
  }
  const count = await store.revoke?.({ tag: "alice" });
  if (count !== 2) throw new Error(`It removed ${count} sessions, not 2`);
  const found = [1, 2, 3].map((n) => store.get(Uint8Array.of(n)));
  const records = (await Promise.all(found)).map(String);
  if (records.join(" ") !== "undefined undefined 3,3") {
    throw new Error(`It has ${records.join(" ")}`);
  }
}
