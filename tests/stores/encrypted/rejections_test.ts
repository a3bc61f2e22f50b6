/** Records that were changed, moved, or encrypted otherwise: rejected, with a report. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { EncryptedSessionStore } from "../../../src/stores/encrypted.ts";
import type { MemorySessionStore } from "../../../src/stores/memory.ts";
import { consoleErrors } from "../../support/console_errors.ts";
import {
  expiresAt,
  id,
  key1,
  key2,
  other,
  OVERHEAD,
  record,
  Setup,
} from "./setup.ts";

let setup: Setup;
let inner: MemorySessionStore;
let reasons: string[];

describe("EncryptedSessionStore", () => {
  beforeEach(() => {
    setup = new Setup();
    ({ inner, reasons } = setup);
  });

  describe("rejects a record", () => {
    it("with any byte changed", async () => {
      const store = setup.open();
      await store.set(id, record, { expiresAt });
      const stored = inner.get(id) ?? new Uint8Array();
      assertEquals(stored.length, OVERHEAD + record.length);
      for (let i = 0; i < stored.length; i++) {
        for (const bit of [1, 128]) {
          const changed = new Uint8Array(stored);
          changed[i] = (changed[i] ?? 0) ^ bit;
          inner.set(id, changed, { expiresAt });
          assertEquals(await store.get(id), undefined);
          assertEquals(reasons.length, 1);
          const reason = i === 0
            ? /its format has the unknown version \d+$/
            : i < 9
            ? /its key [0-9a-f]{16} is unknown$/
            : /its authentication failed/;
          assertMatch(reasons.pop() ?? "", reason);
        }
      }
      inner.set(id, stored, { expiresAt });
      assertEquals(await store.get(id), record);
    });

    it("of any other length", async () => {
      const store = setup.open();
      await store.set(id, record, { expiresAt });
      const stored = inner.get(id) ?? new Uint8Array();
      const lengths = Array.from({ length: stored.length }, (_, i) => i);
      for (const length of [...lengths, stored.length + 1]) {
        const changed = new Uint8Array(length);
        changed.set(stored.subarray(0, length));
        inner.set(id, changed, { expiresAt });
        assertEquals(await store.get(id), undefined);
        assertEquals(reasons.length, 1);
        const reason = length < OVERHEAD
          ? "bytes is too short"
          : "authentication failed";
        assert(reasons.pop()?.includes(reason));
      }
    });

    it("that was moved to another id", async () => {
      const store = setup.open();
      await store.set(id, record, { expiresAt });
      await store.set(other.id, other.record, { expiresAt });
      const [one, two] = [inner.take(id), inner.take(other.id)];
      inner.set(id, two ?? record, { expiresAt });
      inner.set(other.id, one ?? record, { expiresAt });
      assertEquals(await store.get(id), undefined);
      assertEquals(await store.take?.(other.id), undefined);
      assertEquals(reasons.length, 2);
    });

    it("of another context, even if context and id are joined the same", async () => {
      await setup.open([key1], { context: "ab" }).set(id, record, {
        expiresAt,
      });
      const stored = inner.get(id) ?? record;
      const longer = Uint8Array.of(0x62, ...id);
      inner.set(longer, stored, { expiresAt });
      assertEquals(
        await setup.open([key1], { context: "ac" }).get(id),
        undefined,
      );
      assertEquals(
        await setup.open([key1], { context: "a" }).get(longer),
        undefined,
      );
      assertEquals(await setup.open([key1], {}).get(id), undefined);
      assertEquals(reasons.length, 3);
      assertEquals(await setup.open([key1], { context: "ab" }).get(id), record);
    });

    it("with an error that holds none of its bytes", async () => {
      const store = setup.open();
      await store.set(id, record, { expiresAt });
      inner.set(other.id, inner.get(id) ?? record, { expiresAt });
      await store.get(other.id);
      assertEquals(reasons, [
        "Cannot decrypt the session: its authentication failed: it was changed, or belongs to another id or context",
      ]);
    });

    it("and reports it to console.error by default", async () => {
      inner.set(id, record, { expiresAt });
      const lines = await consoleErrors(async () => {
        await new EncryptedSessionStore(inner, [key1], { now: setup.now }).get(
          id,
        );
      });
      assertEquals(lines.length, 1);
      assertMatch(
        String(lines),
        /Cannot decrypt the session: its record of \d+ bytes is too short/,
      );
    });

    it("by console.error once for each key that is unknown", async () => {
      const key3 = EncryptedSessionStore.generateKey();
      const keys = [key1, key2, key3];
      for (const [n, key] of keys.entries()) {
        await setup.open([key]).set(Uint8Array.of(n), record, { expiresAt });
      }
      inner.set(id, record, { expiresAt });
      const reader = new EncryptedSessionStore(inner, [key3], {
        now: setup.now,
      });
      const lines = await consoleErrors(async () => {
        for (const n of [0, 1, 2, 0, 1, 2]) await reader.get(Uint8Array.of(n));
        for (let i = 0; i < 2; i++) await reader.get(id);
      });
      const messages = lines.map(String);
      assertEquals(messages.length, 4);
      assertMatch(messages[0] ?? "", /its key [0-9a-f]{16} is unknown/);
      assertEquals(new Set(messages.slice(0, 2)).size, 2);
      assertMatch(messages[3] ?? "", /its record of \d+ bytes is too short/);
    });

    it("by console.error again for a key that 64 others came after", async () => {
      const reader = new EncryptedSessionStore(inner, [key1], {
        now: setup.now,
      });
      const lines = await consoleErrors(async () => {
        for (const n of [...Array(65).keys(), 64, 1, 0, 0]) {
          const unknown = new Uint8Array(200).fill(n, 1, 9);
          unknown[0] = 2;
          inner.set(id, unknown, { expiresAt });
          assertEquals(await reader.get(id), undefined);
        }
      });
      assertEquals(lines.length, 66);
      assertEquals(lines[0], lines[65]);
    });

    it("whatever onRejected does", async () => {
      inner.set(id, record, { expiresAt });
      const wrong = [
        () => {
          throw new Error("wrong");
        },
        async () => {
          await Promise.resolve();
          throw new Error("wrong");
        },
      ];
      for (const onRejected of wrong) {
        assertEquals(
          await setup.open([key1], { onRejected }).get(id),
          undefined,
        );
      }
    });
  });

  it("reports nothing of a record that the inner store doesn't have", async () => {
    assertEquals(await setup.open().get(id), undefined);
    assertEquals(await setup.open().take?.(id), undefined);
    assertEquals(reasons, []);
  });
});
