/** Several keys: which one encrypts, which ones decrypt, and how they are rotated. */
import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { EncryptedSessionStore } from "../../../src/stores/encrypted.ts";
import type { MemorySessionStore } from "../../../src/stores/memory.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";
import { later } from "../../testdata/worker_store_later.ts";
import { expiresAt, id, key1, key2, other, record, Setup } from "./setup.ts";

let setup: Setup;
let inner: MemorySessionStore;
let reasons: string[];

describe("EncryptedSessionStore", () => {
  beforeEach(() => {
    setup = new Setup();
    ({ inner, reasons } = setup);
  });

  describe("with several keys", () => {
    it("encrypts with the first and decrypts with all", async () => {
      await setup.open([key1]).set(id, record, { expiresAt });
      assertEquals(await setup.open([key2, key1]).get(id), record);
      await setup.open([key2, key1]).set(id, record, { expiresAt });
      assertEquals(await setup.open([key2]).get(id), record);
      assertEquals(await setup.open([key1]).get(id), undefined);
      assertMatch(reasons.join(), /its key [0-9a-f]{16} is unknown$/);
    });

    it("rotates them, and rejects what had one that was dropped", async () => {
      const store = setup.open([key1]);
      await store.set(id, record, { expiresAt });
      store.rotate([key2, key1]);
      await store.set(other.id, other.record, { expiresAt });
      assertEquals(await store.get(id), record);
      store.rotate([key2]);
      assertEquals(await store.get(id), undefined);
      assertEquals(await store.get(other.id), other.record);
      assertEquals(reasons.length, 1);
      assertThrows(() => store.rotate([]), RangeError, "at least one");
      assertEquals(await store.get(other.id), other.record);
    });

    it("goes on with calls that are pending when it rotates", async () => {
      const store = new EncryptedSessionStore(later(inner), [key1], {
        now: setup.now,
      });
      const setting = store.set(id, record, { expiresAt });
      store.rotate([key2, key1]);
      await setting;
      const getting = store.get(id);
      store.rotate([key1, key2]);
      assertEquals(await getting, record);
    });

    it("revokes what was tagged under any", async () => {
      const tagged = { expiresAt, tag: "alice" };
      await setup.open([key1]).set(id, record, tagged);
      await setup.open([key2]).set(other.id, other.record, tagged);
      const store = setup.open([key1, key2, key1]);
      await store.set(numbered(3).id, record, { expiresAt, tag: "bob" });
      const foreign = setup.open([key1, key2], { context: "another" });
      assertEquals(await foreign.revoke?.({ tag: "alice" }), 0);
      assertEquals(await store.revoke?.({ tag: "alice" }), 2);
      assertEquals(inner.size, 1);
    });

    it("copies them", async () => {
      const key = new Uint8Array(key1);
      const store = setup.open([key]);
      key.fill(0);
      await store.set(id, record, { expiresAt });
      assertEquals(await setup.open([key1]).get(id), record);
    });
  });

  it("makes keys that differ", () => {
    const keys = [1, 2].map(() => EncryptedSessionStore.generateKey());
    assertEquals(keys.map(({ length }) => length), [32, 32]);
    assertNotEquals(keys[0], keys[1]);
  });
});
