import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  type DenoKv,
  KvSessionStore,
  type KvSessionStoreOptions,
} from "../../src/stores/kv.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import { twoStores } from "../support/two_stores.ts";
import { RacingKv } from "../testdata/kv_racing.ts";
import {
  numbered as numberedNow,
  type NumberedSession,
} from "../testdata/numbered_sessions.ts";

const START = Date.UTC(2030, 0, 1);

let clock = START;
let kv: Deno.Kv;
let store: KvSessionStore;
const now = (): number => clock;

describe("KvSessionStore", () => {
  beforeEach(async () => {
    clock = START;
    kv = await Deno.openKv(":memory:");
    store = new KvSessionStore(kv, { now });
  });

  afterEach(() => kv.close());

  describe("keeps the promises of SessionStore in memory", () => {
    const checks = checkSessionStore((now) => openStore(":memory:", { now }));
    for (const { name, run } of checks) it(name, run);
  });

  describe("keeps the promises of SessionStore by the system's clock", () => {
    const checks = checkSessionStore(() => openStore(":memory:"), {
      clock: "real",
    });
    for (const { name, run } of checks) it(name, run);
  });

  it("takes a Deno.Kv, by its structure", () => {
    const database: DenoKv = kv;
    assert(new KvSessionStore(database) instanceof KvSessionStore);
  });

  it("returns no record that Deno KV has yet to free", async () => {
    const { id } = await put(1, { lifetime: 1_000 });
    clock += 999;
    assert(await store.get(id));
    clock += 1;
    assertEquals(await store.get(id), undefined);
    assertEquals(await Array.fromAsync(store.entries()), []);
    assertEquals((await keys()).length, 1);
    assertEquals(await store.take(id), undefined);
    assertEquals(await keys(), []);
  });

  it("keeps records with expiry dates beyond Deno KV's range", async () => {
    const { id, record } = numbered(1);
    const expiresAt = new Date(8.64e15);
    await store.set(id, record, { expiresAt, tag: "a" });
    assertEquals(await store.get(id), record);
  });

  it("refuses a session that is too large for Deno KV, and only that", async () => {
    const { id, expiresAt } = numbered(1);
    const largest = new Uint8Array(65_536 - 13 - 32 - 3).fill(7);
    await store.set(id, largest, { expiresAt, tag: "abc" });
    assertEquals(await store.get(id), largest);
    await assertRejects(
      () => store.set(id, largest, { expiresAt, tag: "abcd" }),
      RangeError,
      "with its id and tag it must be at most 65536 bytes, the limit of Deno KV, received 65537",
    );
  });

  it("keeps the stores of different prefixes apart", async () => {
    const other = new KvSessionStore(kv, { prefix: ["other", "one"], now });
    const { id, record } = await put(1, { tag: "a" });
    assertEquals(await other.get(id), undefined);
    assertEquals(await other.revoke({ tag: "a" }), 0);
    assertEquals(await store.get(id), record);
  });

  describe("with tags", () => {
    it("revokes hundreds of sessions, and leaves the others", async () => {
      for (let n = 0; n < 250; n++) await put(n, { tag: "a" });
      const { id, record } = await put(1_000, { tag: "ab" });
      await put(1_001, {});
      assertEquals(await store.revoke({ tag: "a" }), 250);
      assertEquals(await store.revoke({ tag: "a" }), 0);
      assertEquals(await store.get(id), record);
      assertEquals((await keys()).length, 3);
    });

    it("goes by the tag that was stored last", async () => {
      const { id, record } = await put(1, { tag: "a" });
      await put(1, { tag: "b" });
      assertEquals(await store.revoke({ tag: "a" }), 0);
      assertEquals(await store.get(id), record);
      await put(1, {});
      assertEquals(await store.revoke({ tag: "b" }), 0);
      assertEquals((await keys()).length, 1);
    });

    it("leaves nothing in the index of what is removed", async () => {
      const { id } = await put(1, { tag: "a" });
      await store.delete(id, "fatal");
      await put(1, { tag: "a" });
      await store.take(id);
      await put(1, { tag: "a" });
      await put(1, { tag: "b", lifetime: 0 });
      assertEquals(await keys(), []);
    });

    it("counts as revoked only what was alive", async () => {
      await put(1, { tag: "a", lifetime: 10 });
      await put(2, { tag: "a" });
      clock += 10;
      assertEquals(await store.revoke({ tag: "a" }), 1);
      assertEquals(await keys(), []);
    });
  });

  it("lists what is alive", async () => {
    const { id, record } = await put(1, { tag: "a", lifetime: 1_000 });
    await put(2, { lifetime: 500 });
    clock += 500;
    assertEquals(await Array.fromAsync(store.entries()), [{
      id,
      expiresAt: new Date(START + 1_000),
      tag: "a",
      size: record.length,
    }]);
  });

  it("purges what has expired, out of the index too", async () => {
    for (let n = 0; n < 120; n++) await put(n, { tag: "a", lifetime: 10 });
    await put(200, { tag: "a" });
    clock += 10;
    assertEquals(await store.purge(), 120);
    assertEquals(await store.purge(), 0);
    assertEquals((await keys()).length, 2);
  });

  describe("when another process changes the session meanwhile", () => {
    let racing: RacingKv;
    let late: KvSessionStore;

    beforeEach(() => {
      racing = new RacingKv(kv);
      late = new KvSessionStore(racing, { now });
    });

    it("takes what is there then", async () => {
      await put(1, { tag: "a" });
      racing.beforeCommit(async () => void await put(2, { as: 1, tag: "b" }));
      assertEquals(await late.take(numbered(1).id), numbered(2).record);
      assertEquals(await keys(), []);
    });

    it("takes nothing that was taken or deleted then", async () => {
      const { id } = await put(1, { tag: "a" });
      racing.beforeCommit(async () => void await store.take(id));
      assertEquals(await late.take(id), undefined);
      await put(1, { tag: "a" });
      racing.beforeCommit(async () => await store.delete(id, "fatal"));
      assertEquals(await late.take(id), undefined);
    });

    it("stores over it, and its tag", async () => {
      const { id, record, expiresAt } = numbered(1);
      racing.beforeCommit(async () => void await put(2, { as: 1, tag: "b" }));
      await late.set(id, record, { expiresAt, tag: "a" });
      assertEquals(await store.revoke({ tag: "b" }), 0);
      assertEquals(await store.get(id), record);
      assertEquals(await store.revoke({ tag: "a" }), 1);
      assertEquals(await keys(), []);
    });

    it("revokes it unless its tag is another then", async () => {
      const { id } = await put(1, { tag: "a" });
      racing.beforeCommit(async () => void await put(2, { as: 1, tag: "a" }));
      assertEquals(await late.revoke({ tag: "a" }), 1);
      assertEquals(await keys(), []);

      await put(1, { tag: "a" });
      racing.beforeCommit(async () => void await put(2, { as: 1, tag: "b" }));
      assertEquals(await late.revoke({ tag: "a" }), 0);
      assertEquals(await store.get(id), numbered(2).record);
      assertEquals(await store.revoke({ tag: "b" }), 1);
    });

    it("purges nothing that was renewed", async () => {
      const { id } = await put(1, { tag: "a", lifetime: 10 });
      clock += 10;
      racing.beforeCommit(async () => void await put(1, { tag: "a" }));
      assertEquals(await late.purge(), 0);
      assertEquals(await store.get(id), numbered(1).record);
      assertEquals(await store.revoke({ tag: "a" }), 1);
    });

    it("waits until the file is unlocked", async () => {
      const { id, record, expiresAt } = numbered(1);
      racing.lock(3);
      await late.set(id, record, { expiresAt });
      racing.lock(3);
      assertEquals(await late.get(id), record);
      racing.lock(3);
      assertEquals(await late.take(id), record);
      assertEquals(await keys(), []);
    });

    it("fails after repeated conflicts", async () => {
      const { id } = await put(1, {});
      racing.refuseCommits();
      await assertRejects(
        () => late.take(id),
        Error,
        "Cannot take the session: other processes have changed it 1000 times meanwhile",
      );
    });
  });

  it("treats an unreadable value as a miss, and removes it", async () => {
    const { id, record, expiresAt } = numbered(1);
    const key = ["sesame", "session", id];
    const later = new Uint8Array(60);
    later[0] = 2;
    const unknown = [later, new Uint8Array(), "text", 1n, null, { id }];
    const removals: (() => Promise<unknown>)[] = [
      () => store.take(id),
      () => store.delete(id, "revoked"),
      () => store.revoke({ tag: "a" }),
    ];
    for (const value of unknown) {
      for (const remove of removals) {
        await kv.set(["sesame", "tag", "a", id], value);
        await kv.set(key, value);
        assertEquals(await store.get(id), undefined);
        assertEquals(await Array.fromAsync(store.entries()), []);
        assertEquals(await store.purge(), 0);
        assert(!await remove());
        assertEquals((await kv.get(key)).versionstamp, null);
      }
    }
    await kv.set(key, "text");
    await kv.set(["sesame", "tag", "a", "no id"], "text");
    await store.set(id, record, { expiresAt, tag: "a" });
    assertEquals(await store.revoke({ tag: "a" }), 1);
  });

  it("stores the bytes of a view, and nothing around it", async () => {
    const larger = new Uint8Array(4_096).fill(0xee);
    const record = larger.subarray(100, 110);
    const { id, expiresAt } = numbered(1);
    await store.set(id, record, { expiresAt });
    const { value } = await kv.get<Uint8Array>(["sesame", "session", id]);
    assertEquals(value?.length, 13 + 32 + 10);
  });

  it("fails with the reason of an aborted signal, and changes nothing", async () => {
    const { id, record, expiresAt } = await put(1, {});
    const signal = AbortSignal.abort(new Error("too late"));
    const calls: (() => Promise<unknown>)[] = [
      () => store.get(id, { signal }),
      () => store.take(id, { signal }),
      () => store.set(id, new Uint8Array(9), { expiresAt, signal }),
    ];
    for (const call of calls) {
      assertEquals(await assertRejects(call, Error), signal.reason);
    }
    assertEquals(await store.get(id), record);
  });

  it("names the operation where the database fails", async () => {
    const { id, record, expiresAt } = numbered(1);
    const closed = await Deno.openKv(":memory:");
    const store = new KvSessionStore(closed);
    closed.close();
    const uses: [string, () => Promise<unknown>][] = [
      ["look up the session", () => store.get(id)],
      ["store the session", () => store.set(id, record, { expiresAt })],
      ["remove the session", () => store.delete(id, "fatal")],
      ["take the session", () => store.take(id)],
      ["revoke the sessions", () => store.revoke({ tag: "a" })],
      ["list the sessions", () => Array.fromAsync(store.entries())],
      ["remove expired sessions", () => store.purge()],
    ];
    for (const [what, use] of uses) {
      const error = await assertRejects(use, Error, `Cannot ${what}: `);
      assert(error.cause instanceof Error);
    }
  });

  describe("refuses an invalid argument:", () => {
    const wrong: [string, (kv: Deno.Kv) => unknown, object, string][] = [
      [
        "a promise of a database",
        (kv) => Promise.resolve(kv),
        {},
        "kv must be an open Deno.Kv, received a promise",
      ],
      [
        "a path",
        () => "sessions.db",
        {},
        'kv must be an open Deno.Kv, received "sessions.db"',
      ],
      [
        "a text for prefix",
        (kv) => kv,
        { prefix: "a" },
        "prefix must be an array of strings",
      ],
      [
        "a number in prefix",
        (kv) => kv,
        { prefix: [1] },
        "prefix must be an array of strings",
      ],
    ];
    for (const [what, from, options, message] of wrong) {
      it(what, () => {
        const create = (): unknown =>
          new KvSessionStore(
            from(kv) as DenoKv,
            options as KvSessionStoreOptions,
          );
        const text = message;
        assertThrows(create, TypeError, text);
      });
    }
  });
});

describe("KvSessionStore in a file", () => {
  let directory = "";
  let files = 0;

  beforeEach(async () => {
    directory = await Deno.makeTempDir({ prefix: "sesame_" });
  });

  afterEach(async () => {
    await Deno.remove(directory, { recursive: true });
  });

  describe("keeps the promises of SessionStore", () => {
    const checks = checkSessionStore((now) =>
      openStore(`${directory}/${files++}.db`, { now })
    );
    for (const { name, run } of checks) it(name, run);
  });

  describe("keeps the promises of SessionStore over two connections", () => {
    const checks = checkSessionStore(async (now) => {
      const path = `${directory}/${files++}.db`;
      return twoStores(
        await openStore(path, { now }),
        await openStore(path, { now }),
      );
    });
    for (const { name, run } of checks) it(name, run);
  });
});

/** Opens a database with a store that closes it. */
async function openStore(
  path: string,
  options?: KvSessionStoreOptions,
): Promise<KvSessionStore & Disposable> {
  const kv = await Deno.openKv(path);
  const closing = { [Symbol.dispose]: (): void => kv.close() };
  return Object.assign(new KvSessionStore(kv, options), closing);
}

/** Stores the `n`th session, maybe under the id of another. */
async function put(
  n: number,
  { as = n, tag, lifetime = 10_000 }: {
    as?: number;
    tag?: string;
    lifetime?: number;
  },
): Promise<NumberedSession> {
  await store.set(numbered(as).id, numbered(n).record, {
    expiresAt: new Date(clock + lifetime),
    ...(tag === undefined ? {} : { tag }),
  });
  return numbered(n);
}

/** The `n`th session, alive by the test's clock. */
function numbered(n: number): NumberedSession {
  return { ...numberedNow(n), expiresAt: new Date(clock + 10_000) };
}

/** All keys in the database. */
async function keys(): Promise<Deno.KvKey[]> {
  const entries = await Array.fromAsync(kv.list({ prefix: [] }));
  return entries.map(({ key }) => key);
}
