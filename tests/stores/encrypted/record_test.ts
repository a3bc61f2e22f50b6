/** The bytes that the inner store is given: the documented format, and nothing in plain text. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import {
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
} from "node:crypto";
import { EncryptedSessionStore } from "../../../src/stores/encrypted.ts";
import type { MemorySessionStore } from "../../../src/stores/memory.ts";
import type { SessionStore } from "../../../src/stores/session_store.ts";
import { later, listed } from "../../testdata/worker_store_later.ts";
import { expiresAt, id, key1, key2, record, Setup, START } from "./setup.ts";

let setup: Setup;
let inner: MemorySessionStore;

describe("EncryptedSessionStore", () => {
  beforeEach(() => {
    setup = new Setup();
    ({ inner } = setup);
  });

  it("never encrypts a record to the same bytes", async () => {
    const store = setup.open();
    await store.set(id, record, { expiresAt });
    const first = inner.get(id);
    await store.set(id, record, { expiresAt });
    assertNotEquals(inner.get(id), first);
    assertNotEquals(inner.get(id)?.subarray(41), first?.subarray(41));
  });

  it("gives the inner store no record or tag in plain text", async () => {
    const seen: unknown[] = [];
    const watched = new Proxy(later(inner), {
      get: (store, name: keyof SessionStore) => (...args: unknown[]) => {
        seen.push(...args);
        return (store[name] as (...args: unknown[]) => unknown)(...args);
      },
    });
    const store = new EncryptedSessionStore(watched, [key1], {
      now: setup.now,
    });
    await store.set(id, record, { expiresAt, tag: "alice" });
    await store.get(id);
    await store.revoke?.({ tag: "alice" });
    const text = seen.map((value) =>
      value instanceof Uint8Array
        ? Buffer.from(value).toString("latin1")
        : JSON.stringify(value)
    ).join();
    assert(text.includes(Buffer.from(id).toString("latin1")));
    assert(!text.includes("a master secret"));
    assert(!text.includes("alice"));
    assertMatch(text, /"tag":"[0-9a-f]{64}"/);
  });

  it("writes its documented format, which node:crypto decrypts", async () => {
    const context = "café";
    const store = setup.open([key2], { context });
    await store.set(id, record, { expiresAt, tag: "alice" });
    const stored = Buffer.from(inner.get(id) ?? []);
    const derive = (salt: Uint8Array, purpose: string, n: number): Buffer =>
      Buffer.from(
        hkdfSync("sha256", key2, salt, `sesame session ${purpose}`, n),
      );
    const none = new Uint8Array();

    assertEquals(stored[0], 2);
    assertEquals(stored.subarray(1, 9), derive(none, "key id", 8));
    const key = derive(stored.subarray(9, 41), "record", 32);
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.alloc(12));
    const binding = Buffer.concat([
      Buffer.from([0, 0, 0, 5]),
      Buffer.from(context),
    ]);
    decipher.setAAD(Buffer.concat([stored.subarray(0, 41), binding, id]));
    decipher.setAuthTag(stored.subarray(-16));
    const plain = Buffer.concat([
      decipher.update(stored.subarray(41, -16)),
      decipher.final(),
    ]);
    assertEquals(plain.readDoubleBE(0), expiresAt.getTime());
    assertEquals(plain.readDoubleBE(8), START);
    const digest = createHash("sha256").update(binding).update("alice");
    assertEquals(plain.subarray(16, 48).toString("hex"), digest.digest("hex"));
    assertEquals(new Uint8Array(plain.subarray(48)), record);

    const hmac = createHmac("sha256", derive(none, "tag", 32));
    const tag = hmac.update(binding).update("alice").digest("hex");
    assertEquals((await listed(inner.entries()))[0]?.tag, tag);
  });
});
