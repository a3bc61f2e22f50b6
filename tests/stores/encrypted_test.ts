import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
} from "node:crypto";
import {
  EncryptedSessionStore,
  type EncryptedSessionStoreOptions,
} from "../../src/stores/encrypted.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import type { SessionStore } from "../../src/stores/session_store.ts";
import { SqliteSessionStore } from "../../src/stores/sqlite.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import { consoleErrors } from "../support/console_errors.ts";
import { numbered } from "../testdata/numbered_sessions.ts";
import { failing, later, listed } from "../testdata/worker_store_later.ts";

const START = Date.UTC(2030, 0, 1);
const { id } = numbered(1);
const record = new TextEncoder().encode("a master secret");
const other = numbered(2);
const expiresAt = new Date(START + 3_600_000);
const [key1, key2] = [1, 2].map((n) => new Uint8Array(32).fill(n)) as [
  Uint8Array,
  Uint8Array,
];

/** Version, key, salt, expiry, time, tag, and GCM's tag. */
const OVERHEAD = 1 + 8 + 32 + 8 + 8 + 32 + 16;

let clock = START;
const now = (): number => clock;
let inner: MemorySessionStore;
let reasons: string[];
const onRejected = ({ message }: Error): void => void reasons.push(message);

describe("EncryptedSessionStore", () => {
  beforeEach(() => {
    clock = START;
    inner = new MemorySessionStore({ now });
    reasons = [];
  });

  const kinds: [string, (now: () => number) => SessionStore][] = [
    ["memory", (now) => new MemorySessionStore({ now })],
    [
      "a store that answers later",
      (now) => later(new MemorySessionStore({ now })),
    ],
    ["SQLite", (now) => new SqliteSessionStore(":memory:", { now })],
  ];
  for (const [kind, create] of kinds) {
    describe(`keeps the promises of SessionStore over ${kind}`, () => {
      const checks = checkSessionStore((now) => disposing(create(now), now));
      for (const { name, run } of checks) it(name, run);
    });
  }

  describe("rejects a record", () => {
    it("with any byte changed", async () => {
      const store = open();
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
      const store = open();
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
      const store = open();
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
      await open([key1], { context: "ab" }).set(id, record, { expiresAt });
      const stored = inner.get(id) ?? record;
      const longer = Uint8Array.of(0x62, ...id);
      inner.set(longer, stored, { expiresAt });
      assertEquals(await open([key1], { context: "ac" }).get(id), undefined);
      assertEquals(await open([key1], { context: "a" }).get(longer), undefined);
      assertEquals(await open([key1], {}).get(id), undefined);
      assertEquals(reasons.length, 3);
      assertEquals(await open([key1], { context: "ab" }).get(id), record);
    });

    it("with an error that holds none of its bytes", async () => {
      const store = open();
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
        await new EncryptedSessionStore(inner, [key1], { now }).get(id);
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
        await open([key]).set(Uint8Array.of(n), record, { expiresAt });
      }
      inner.set(id, record, { expiresAt });
      const reader = new EncryptedSessionStore(inner, [key3], { now });
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
      const reader = new EncryptedSessionStore(inner, [key1], { now });
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
        assertEquals(await open([key1], { onRejected }).get(id), undefined);
      }
    });
  });

  it("reports nothing of a record that the inner store doesn't have", async () => {
    assertEquals(await open().get(id), undefined);
    assertEquals(await open().take?.(id), undefined);
    assertEquals(reasons, []);
  });

  it("returns no expired record that the inner store still has", async () => {
    const store = open();
    await store.set(id, record, { expiresAt: new Date(START + 50) });
    inner.set(id, inner.get(id) ?? record, { expiresAt });
    clock += 49;
    assertEquals(await store.get(id), record);
    clock += 1;
    assertEquals(await store.get(id), undefined);
    assertEquals(await store.take?.(id), undefined);
    assertEquals(reasons, []);
  });

  it("never encrypts a record to the same bytes", async () => {
    const store = open();
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
    const store = new EncryptedSessionStore(watched, [key1], { now });
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

  describe("with several keys", () => {
    it("encrypts with the first and decrypts with all", async () => {
      await open([key1]).set(id, record, { expiresAt });
      assertEquals(await open([key2, key1]).get(id), record);
      await open([key2, key1]).set(id, record, { expiresAt });
      assertEquals(await open([key2]).get(id), record);
      assertEquals(await open([key1]).get(id), undefined);
      assertMatch(reasons.join(), /its key [0-9a-f]{16} is unknown$/);
    });

    it("rotates them, and rejects what had one that was dropped", async () => {
      const store = open([key1]);
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
      const store = new EncryptedSessionStore(later(inner), [key1], { now });
      const setting = store.set(id, record, { expiresAt });
      store.rotate([key2, key1]);
      await setting;
      const getting = store.get(id);
      store.rotate([key1, key2]);
      assertEquals(await getting, record);
    });

    it("revokes what was tagged under any", async () => {
      const tagged = { expiresAt, tag: "alice" };
      await open([key1]).set(id, record, tagged);
      await open([key2]).set(other.id, other.record, tagged);
      const store = open([key1, key2, key1]);
      await store.set(numbered(3).id, record, { expiresAt, tag: "bob" });
      const foreign = open([key1, key2], { context: "another" });
      assertEquals(await foreign.revoke?.({ tag: "alice" }), 0);
      assertEquals(await store.revoke?.({ tag: "alice" }), 2);
      assertEquals(inner.size, 1);
    });

    it("copies them", async () => {
      const key = new Uint8Array(key1);
      const store = open([key]);
      key.fill(0);
      await store.set(id, record, { expiresAt });
      assertEquals(await open([key1]).get(id), record);
    });
  });

  it("lists sessions without their tags", async () => {
    const store = open();
    await store.set(id, record, { expiresAt, tag: "alice" });
    const size = record.length + OVERHEAD;
    const entries = store.entries === undefined
      ? []
      : await listed(store.entries());
    assertEquals(entries, [{ id, expiresAt, size }]);
  });

  it("has only the inner store's methods, and passes no tag without revoke", async () => {
    const { get, set, delete: remove } = later(inner);
    const options: unknown[] = [];
    const store = new EncryptedSessionStore(
      {
        get,
        set: (id, record, given) => {
          options.push(given);
          return set(id, record, given);
        },
        delete: remove,
      },
      [key1],
      { now },
    );
    assertEquals(
      [store.take, store.revoke, store.entries, store.purge],
      [undefined, undefined, undefined, undefined],
    );
    await store.set(id, record, { expiresAt, tag: "alice" });
    assertEquals(options, [{ expiresAt }]);
  });

  it("fails with the inner store's error", async () => {
    const store = new EncryptedSessionStore(failing(), [key1]);
    const calls = [
      () => store.get(id),
      () => store.set(id, record, { expiresAt }),
      () => store.delete(id, "revoked"),
      () => store.take?.(id),
      () => store.revoke?.({ tag: "alice" }),
      () => store.purge?.(),
    ];
    for (const call of calls) {
      await assertRejects(async () => await call(), Error, "out of order");
    }
  });

  it("refuses an invalid id before it calls the inner store", async () => {
    const store = new EncryptedSessionStore(failing(), [key1]);
    const text = "an id" as unknown as Uint8Array;
    const calls = [
      () => store.get(text),
      () => store.delete(text, "revoked"),
      () => store.take?.(text),
    ];
    for (const call of calls) {
      await assertRejects(async () => await call(), TypeError, "id must be");
    }
  });

  it("writes its documented format, which node:crypto decrypts", async () => {
    const context = "café";
    const store = open([key2], { context });
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
        const store = open();
        await store.set(id, record, tagged);
        const stored = inner.get(id) ?? new Uint8Array();
        clock += 1000;
        await store.revoke?.({ tag: "alice" });
        lie(stored);
        assertEquals(await store.get(id), undefined);
        assertEquals(await store.take?.(id), undefined);
        assertEquals(reasons, []);
      });
    }

    it("under whichever of the keys it was encrypted", async () => {
      await open([key2]).set(id, record, tagged);
      const store = open([key1]);
      await store.revoke?.({ tag: "alice" });
      store.rotate([key2, key1]);
      assertEquals(await store.get(id), undefined);
    });

    it("but what is stored after it, or has another tag or none, is found", async () => {
      const store = open();
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
      const store = open();
      await store.revoke?.({ tag: "alice" });
      await store.set(id, record, tagged);
      const stored = inner.get(id) ?? new Uint8Array();
      clock -= 1000;
      await store.revoke?.({ tag: "alice" });
      inner.set(id, stored, { expiresAt });
      assertEquals(await store.get(id), undefined);
      await store.set(id, record, tagged);
      assertEquals(await store.get(id), record);
    });

    it("however many tags were revoked since", async () => {
      const store = open();
      await store.set(id, record, tagged);
      const stored = inner.get(id) ?? new Uint8Array();
      clock += 1;
      await store.revoke?.({ tag: "alice" });
      clock += 1;
      await store.set(other.id, other.record, { expiresAt, tag: "bob" });
      clock += 1;
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
      const store = open();
      assertEquals(await store.get(id), record);
      await store.revoke?.({ tag: "bob" });
      assertEquals(await store.get(id), undefined);
      assertEquals(reasons, []);
    });
  });

  it("makes keys that differ", () => {
    const keys = [1, 2].map(() => EncryptedSessionStore.generateKey());
    assertEquals(keys.map(({ length }) => length), [32, 32]);
    assertNotEquals(keys[0], keys[1]);
  });

  describe("refuses an invalid argument:", () => {
    const wrong: [string, unknown, object, typeof Error, string][] = [
      ["no key", [], {}, RangeError, "keys must have at least one key"],
      [
        "a context that shares its bytes with others",
        [key1],
        { context: "\ud800" },
        RangeError,
        "well-formed",
      ],
      [
        "a short key",
        [key1, new Uint8Array(31)],
        {},
        RangeError,
        "keys[1] must be 32 bytes, received 31",
      ],
      [
        "a text for a key",
        ["k".repeat(32)],
        {},
        TypeError,
        "keys[0] must be a Uint8Array, received string",
      ],
      [
        "a key that is in no array",
        key1,
        {},
        TypeError,
        "keys must be an array, received object",
      ],
      [
        "a number for a context",
        [key1],
        { context: 1 },
        TypeError,
        "context must be a string, received 1",
      ],
    ];
    for (const [what, keys, options, type, message] of wrong) {
      it(what, () => {
        const create = (): unknown =>
          new EncryptedSessionStore(inner, keys as Uint8Array[], options);
        assertThrows(create, type, message);
      });
    }
  });
});

function open(
  keys: Uint8Array[] = [key1],
  options: EncryptedSessionStoreOptions = {},
): EncryptedSessionStore {
  return new EncryptedSessionStore(inner, keys, {
    now,
    onRejected,
    ...options,
  });
}

/** An encrypted store, which ends with the store within. */
function disposing(
  within: SessionStore & Partial<Disposable>,
  now: () => number,
): SessionStore & Disposable {
  const store = new EncryptedSessionStore(within, [key1, key2], { now });
  return Object.assign(store, {
    [Symbol.dispose]: () => within[Symbol.dispose]?.(),
  });
}
