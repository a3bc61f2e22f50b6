/** Tags that were revoked: how many are remembered, and what has one of them is rejected. */
import { assert, assertEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { createCipheriv, hkdfSync } from "node:crypto";
import { Revocations } from "../../../src/stores/encrypted/revocations.ts";
import type { MemorySessionStore } from "../../../src/stores/memory.ts";
import { expiresAt, id, key1, key2, other, record, Setup } from "./setup.ts";

let setup: Setup;
let inner: MemorySessionStore;
let reasons: string[];

describe("EncryptedSessionStore", () => {
  beforeEach(() => {
    setup = new Setup();
    ({ inner, reasons } = setup);
  });

  describe("rejects revoked records that the inner store still returns:", () => {
    const tagged = { expiresAt, tag: "alice" };
    const lies: [string, (stored: Uint8Array) => void][] = [
      ["it keeps the record", (stored) => inner.set(id, stored, { expiresAt })],
      ["it has given it another tag", (stored) => {
        inner.set(id, stored, { expiresAt, tag: "bob" });
      }],
    ];
    for (const [how, lie] of lies) {
      it(how, async () => {
        const store = setup.open();
        await store.set(id, record, tagged);
        const stored = inner.get(id) ?? new Uint8Array();
        setup.clock += 1000;
        await store.revoke?.({ tag: "alice" });
        lie(stored);
        assertEquals(await store.get(id), undefined);
        assertEquals(await store.take?.(id), undefined);
        assertEquals(reasons, []);
      });
    }

    it("under whichever of the keys it was encrypted", async () => {
      await setup.open([key2]).set(id, record, tagged);
      const store = setup.open([key1]);
      await store.revoke?.({ tag: "alice" });
      store.rotate([key2, key1]);
      assertEquals(await store.get(id), undefined);
    });

    it("but what is stored after it, or has another tag or none, is found", async () => {
      const store = setup.open();
      await store.set(other.id, other.record, { expiresAt, tag: "bob" });
      await store.revoke?.({ tag: "alice" });
      await store.set(id, record, tagged);
      assertEquals(await store.get(id), record);
      assertEquals(await store.get(other.id), other.record);
      await store.set(id, record, { expiresAt });
      await store.revoke?.({ tag: "alice" });
      assertEquals(await store.get(id), record);
    });

    it("also what was stored and revoked again before the clock went on", async () => {
      const store = setup.open();
      await store.revoke?.({ tag: "alice" });
      await store.set(id, record, tagged);
      const stored = inner.get(id) ?? new Uint8Array();
      setup.clock -= 1000;
      await store.revoke?.({ tag: "alice" });
      inner.set(id, stored, { expiresAt });
      assertEquals(await store.get(id), undefined);
      await store.set(id, record, tagged);
      assertEquals(await store.get(id), record);
    });

    it("however many tags were revoked since", async () => {
      const store = setup.open();
      await store.set(id, record, tagged);
      const stored = inner.get(id) ?? new Uint8Array();
      setup.clock += 1;
      await store.revoke?.({ tag: "alice" });
      setup.clock += 1;
      await store.set(other.id, other.record, { expiresAt, tag: "bob" });
      setup.clock += 1;
      for (let i = 0; i < 4096; i++) await store.revoke?.({ tag: `tag ${i}` });
      inner.set(id, stored, { expiresAt });
      assertEquals(await store.get(id), undefined);
      assertEquals(await store.get(other.id), other.record);
    });

    it("a record of version 1 is read until something is revoked", async () => {
      const derive = (salt: Uint8Array, purpose: string, n: number): Buffer =>
        Buffer.from(
          hkdfSync("sha256", key1, salt, `sesame session ${purpose}`, n),
        );
      const salt = Buffer.alloc(32, 7);
      const header = Buffer.concat([
        Buffer.from([1]),
        derive(new Uint8Array(), "key id", 8),
        salt,
      ]);
      const key = derive(salt, "record", 32);
      const cipher = createCipheriv("aes-256-gcm", key, Buffer.alloc(12));
      cipher.setAAD(Buffer.concat([header, Buffer.alloc(4), id]));
      const expiry = Buffer.alloc(8);
      expiry.writeDoubleBE(expiresAt.getTime());
      const sealed = Buffer.concat([
        cipher.update(Buffer.concat([expiry, record])),
        cipher.final(),
      ]);
      const stored = Buffer.concat([header, sealed, cipher.getAuthTag()]);
      inner.set(id, new Uint8Array(stored), { expiresAt });
      const store = setup.open();
      assertEquals(await store.get(id), record);
      await store.revoke?.({ tag: "bob" });
      assertEquals(await store.get(id), undefined);
      assertEquals(reasons, []);
    });
  });
});

describe("Tags that were revoked", () => {
  it("are at most 4096: records as old as a dropped one are rejected", () => {
    const revocations = new Revocations();
    revocations.add("first", 0);
    for (let i = 1; i < 4096; i++) revocations.add(`tag ${i}`, i);
    assert(!revocations.covers("another", 0));
    revocations.add("one more", 4096);
    assert(revocations.covers("another", 0));
    assert(!revocations.covers("another", 1));
    assert(revocations.covers("first", 0));
  });
});
