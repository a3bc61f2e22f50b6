import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { encodeEnvelope } from "../../../src/stores/_envelope.ts";
import {
  CloudflareKvSessionStore,
  type CloudflareKvSessionStoreOptions,
  type SessionEntry,
} from "../../../src/stores/cloudflare.ts";
import { checkSessionStore } from "../../../src/testing/store_conformance.ts";
import { FakeKv } from "../../testdata/cloudflare_fake_kv.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";

const START = Date.UTC(2030, 0, 1);
const HOUR = 3_600_000;

let clock = START;
let kv = new FakeKv();
let store = new CloudflareKvSessionStore(kv);

describe("CloudflareKvSessionStore", () => {
  beforeEach(() => {
    clock = START;
    kv = new FakeKv();
    store = open();
  });

  describe("keeps the promises of SessionStore", () => {
    const checks = checkSessionStore((now) =>
      new CloudflareKvSessionStore(new FakeKv(), { now })
    );
    for (const { name, run } of checks) it(name, run);
  });

  it("has no take: KV has no atomic get-and-delete", () => {
    assertFalse("take" in store);
  });

  describe("sets KV's expiration", () => {
    const cases: [string, number, number][] = [
      ["for at least a minute", 1, 60],
      ["for as long as it lives", HOUR, 3_600],
      ["for no less than it lives", 90_001, 91],
      ["for a year at most", 8.64e15 - START, 31_536_000],
    ];
    for (const [what, lifetime, expected] of cases) {
      it(what, async () => {
        await put(1, { lifetime, tag: "blue" });
        const ttls = [...kv.values.values()].map((value) =>
          value.expirationTtl
        );
        assertEquals(ttls, [expected, expected]);
      });
    }
  });

  it("returns no record that KV keeps for longer than it lives", async () => {
    await put(1, { lifetime: 10_000 });
    clock += 9_999;
    assertEquals(await store.get(numbered(1).id), numbered(1).record);
    clock += 1;
    assertEquals(await store.get(numbered(1).id), undefined);
    assertEquals(await list(), []);
    assertEquals(kv.values.size, 1);
  });

  it("has room for the longest tag, with the longest prefix and id", async () => {
    // A character that JSON makes six bytes of.
    const tag = "\u0001".repeat(256);
    const prefix = "p".repeat(256);
    const id = new Uint8Array(156).fill(255);
    const expiresAt = new Date(START + HOUR);
    store = open({ prefix });
    await store.set(id, new Uint8Array(9), { expiresAt, tag });
    const [tagKey = "", idKey = ""] = [...kv.values.keys()].sort().reverse();
    assertEquals([tagKey.length, idKey.length], [512, 467]);
    assertEquals(await list(), [{ id, expiresAt, tag, size: 9 }]);
    assertEquals(await store.revoke({ tag }), 1);
    assertEquals(kv.values.size, 0);
  });

  it("refuses an id that doesn't fit into a key", async () => {
    const id = new Uint8Array(343);
    const expiresAt = new Date(START + HOUR);
    const calls = [
      () => store.get(id),
      () => store.set(id, new Uint8Array(), { expiresAt }),
      () => store.delete(id, "revoked"),
    ];
    for (const call of calls) {
      await assertRejects(
        call,
        RangeError,
        "Cannot use the session store: id must be at most 342 bytes, the limit of KV keys, received 343",
      );
    }
    await store.get(id.subarray(1));
    assertEquals(kv.calls.length, 1);
  });

  it("lists and revokes over many pages, empty ones too", async () => {
    for (let n = 0; n < 20; n++) {
      await put(n, n % 2 ? { tag: "odd" } : {});
    }
    kv.calls.length = 0;
    assertEquals((await list()).length, 20);
    assertEquals(kv.calls.length, 7);

    const { list: listKeys } = kv;
    kv.list = async (options) =>
      options.cursor === undefined
        ? { keys: [], list_complete: false, cursor: "sesame" }
        : await listKeys.call(kv, options);
    assertEquals(await store.revoke({ tag: "odd" }), 10);
    assertEquals((await list()).every(({ tag }) => tag === undefined), true);
    assertEquals(kv.values.size, 10);
  });

  it("stops listing when the cursor doesn't advance", async () => {
    kv.list = (options) => {
      kv.calls.push("list");
      const key = { name: options.prefix };
      return Promise.resolve({ keys: [key], list_complete: false, cursor: "" });
    };
    assertEquals(await list(), []);
    assertEquals(kv.calls.length, 2);
  });

  it("revokes the remaining sessions after a failed revocation", async () => {
    for (let n = 0; n < 9; n++) await put(n, { tag: "blue" });
    let left = 4;
    kv.before = (call) => {
      if (!call.startsWith("delete")) return;
      if (left-- === 0) throw new Error("Too many API requests");
    };
    await assertRejects(
      () => store.revoke({ tag: "blue" }),
      Error,
      "Cannot revoke the sessions: Too many API requests",
    );
    assert((await list()).length > 0);
    await store.revoke({ tag: "blue" });
    assertEquals(kv.values.size, 0);
  });

  it("stores no session without its tag's entry", async () => {
    kv.before = (call) => {
      if (/put .*tag/.test(call)) throw new Error("KV PUT failed: 429");
    };
    await assertRejects(
      () => put(1, { tag: "blue" }),
      Error,
      "Cannot store the session: KV PUT failed: 429",
    );
    assertEquals(kv.values.size, 0);
  });

  it("returns undefined for a value that is no envelope", async () => {
    const { id, record } = numbered(1);
    await put(1);
    const [key = ""] = kv.values.keys();
    const good = encodeEnvelope({
      id,
      record,
      expiresAt: START + HOUR,
      tag: undefined,
    });
    for (
      const value of [
        new Uint8Array(),
        new Uint8Array(13).fill(255),
        good.subarray(0, 40),
        Uint8Array.from(good).fill(2, 0, 1),
        Uint8Array.from(good).fill(255, 1, 9),
      ]
    ) {
      kv.values.set(key, { value });
      assertEquals(await store.get(id), undefined);
    }
    kv.values.set(key, { value: good });
    assertEquals(await store.get(id), record);
  });

  it("omits malformed entries from the list", async () => {
    const value = new Uint8Array();
    const good = { expiresAt: START + HOUR, size: 3 };
    const names = ["A", "AA*", "AAAAA", "AQ=="];
    for (const name of names) {
      kv.values.set(`sesame/id/${name}`, { value, metadata: good });
    }
    const bad = [
      undefined,
      null,
      "text",
      7,
      {},
      { ...good, expiresAt: "soon" },
      { ...good, expiresAt: 1e300 },
      { ...good, size: null },
    ];
    for (const [i, metadata] of bad.entries()) {
      kv.values.set(`sesame/id/${"AA".repeat(i + 2)}`, { value, metadata });
    }
    kv.values.set("sesame/id/AQ", { value, metadata: { ...good, tag: "*" } });
    const id = new Uint8Array([1]);
    const expiresAt = new Date(START + HOUR);
    assertEquals(await list(), [{ id, expiresAt, size: 3 }]);
  });

  it("passes cacheTtl to KV", async () => {
    const { id } = numbered(1);
    await store.get(id);
    assertEquals(kv.getOptions, { type: "arrayBuffer" });
    await open({ cacheTtl: 30 }).get(id);
    assertEquals(kv.getOptions, { type: "arrayBuffer", cacheTtl: 30 });
  });

  it("names the operation that failed, with its cause", async () => {
    const { id } = numbered(1);
    const cause = new Error("KV failed: 503");
    kv.before = () => {
      throw cause;
    };
    const calls: [string, () => Promise<unknown>][] = [
      ["look up the session", () => store.get(id)],
      ["store the session", () => put(1)],
      ["remove the session", () => store.delete(id, "fatal")],
      ["revoke the sessions", () => store.revoke({ tag: "blue" })],
      ["list the sessions", () => list()],
    ];
    for (const [what, call] of calls) {
      const message = `Cannot ${what}: KV failed: 503`;
      const error = await assertRejects(call, Error, message);
      assertStrictEquals(error.cause, cause);
    }
  });

  it("makes no request once the signal is aborted", async () => {
    const { id, record, expiresAt } = numbered(1);
    const reason = new Error("too late");
    const signal = AbortSignal.abort(reason);
    await assertRejects(() => store.get(id, { signal }), Error, "too late");
    await assertRejects(
      () => store.set(id, record, { expiresAt, signal }),
      Error,
      "too late",
    );
    assertEquals(kv.calls, []);
  });

  describe("refuses an invalid option:", () => {
    const wrong: [string, object, string][] = [
      ["a number for a prefix", { prefix: 1 }, "prefix must be a string"],
      [
        "a long prefix",
        { prefix: "é".repeat(129) },
        "prefix must be at most 256 bytes of UTF-8, received 258",
      ],
      [
        "half a character",
        { prefix: "\ud800" },
        "prefix must be well-formed text",
      ],
      [
        "a short cacheTtl",
        { cacheTtl: 29 },
        "cacheTtl must be a whole number of at least 30, received 29",
      ],
    ];
    for (const [what, options, message] of wrong) {
      it(what, () => {
        assertThrows(
          () => open(options),
          Error,
          message,
        );
      });
    }
  });
});

function open(
  options: CloudflareKvSessionStoreOptions = {},
): CloudflareKvSessionStore {
  return new CloudflareKvSessionStore(kv, { now: () => clock, ...options });
}

/** Stores the `n`th session. */
function put(
  n: number,
  { lifetime = HOUR, tag }: { lifetime?: number; tag?: string } = {},
): Promise<void> {
  const { id, record } = numbered(n);
  const expiresAt = new Date(clock + lifetime);
  return store.set(id, record, { expiresAt, ...(tag && { tag }) });
}

function list(): Promise<SessionEntry[]> {
  return Array.fromAsync(store.entries());
}
