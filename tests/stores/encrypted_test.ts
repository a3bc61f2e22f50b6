import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { EncryptedSessionStore } from "../../src/stores/encrypted.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import type { SessionStore } from "../../src/stores/session_store.ts";
import { SqliteSessionStore } from "../../src/stores/sqlite.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import { failing, later, listed } from "../testdata/worker_store_later.ts";
import {
  expiresAt,
  id,
  key1,
  key2,
  OVERHEAD,
  record,
  Setup,
  START,
} from "./encrypted/setup.ts";

let setup: Setup;
let inner: MemorySessionStore;
let reasons: string[];

describe("EncryptedSessionStore", () => {
  beforeEach(() => {
    setup = new Setup();
    ({ inner, reasons } = setup);
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

  it("returns no expired record that the inner store still has", async () => {
    const store = setup.open();
    await store.set(id, record, { expiresAt: new Date(START + 50) });
    inner.set(id, inner.get(id) ?? record, { expiresAt });
    setup.clock += 49;
    assertEquals(await store.get(id), record);
    setup.clock += 1;
    assertEquals(await store.get(id), undefined);
    assertEquals(await store.take?.(id), undefined);
    assertEquals(reasons, []);
  });

  it("lists sessions without their tags", async () => {
    const store = setup.open();
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
      { now: setup.now },
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
