import {
  assert,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
  assertRejects,
} from "@std/assert";
import { afterAll, beforeAll, beforeEach, it } from "@std/testing/bdd";
import { Redis } from "ioredis";
import { Buffer } from "node:buffer";
import {
  RedisSessionStore,
  type SessionEntry,
} from "../../../src/stores/redis.ts";
import { describeWithRedis, RedisServer } from "../../support/redis.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";

const START = Date.UTC(2030, 0, 1);
const MINUTE = 60_000;

describeWithRedis("redis-server", "RedisSessionStore's keys", () => {
  let server: RedisServer;
  let client: Redis;
  let clock = START;
  const now = (): number => clock;

  beforeAll(async () => {
    server = await RedisServer.start();
    client = new Redis(server.url, { lazyConnect: true });
    await client.connect();
  });

  afterAll(async () => {
    client.disconnect();
    await server[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    clock = START;
    await client.flushall();
  });

  const open = (prefix = "sesame:"): RedisSessionStore =>
    new RedisSessionStore(client, { prefix, now });

  const put = async (
    store: RedisSessionStore,
    n: number,
    lifetime: number,
    tag?: string,
  ): Promise<void> => {
    const { id, record } = numbered(n);
    const expiresAt = new Date(clock + lifetime);
    await store.set(id, record, { expiresAt, ...(tag ? { tag } : {}) });
  };

  it("expire when the session does", async () => {
    await put(open(), 1, 50 * MINUTE);
    const key = keyOf(1);
    assertEquals(await client.keys("*"), [key]);
    const left = await client.pttl(key);
    assertLessOrEqual(left, 50 * MINUTE);
    assertGreater(left, 49 * MINUTE);

    await put(open(), 1, 1);
    assertLessOrEqual(await client.pttl(key), 1);
  });

  it("of a tag stay a minute longer than its last session", async () => {
    const store = open();
    for (const lifetime of [10, 50, 20]) {
      await put(store, lifetime, lifetime * MINUTE, "alice");
    }
    const left = await client.pttl("sesame:tag:616c696365");
    assertLessOrEqual(left, 51 * MINUTE);
    assertGreater(left, 50 * MINUTE);
  });

  it("of a tag lose ids a minute after they expired, 16 with each set", async () => {
    const store = open();
    for (let n = 0; n < 20; n++) await put(store, n, 10, "alice");
    const ids = (): Promise<number> => client.zcard("sesame:tag:616c696365");
    clock += MINUTE + 10;
    await put(store, 20, MINUTE, "alice");
    assertEquals(await ids(), 21);
    clock += 1;
    await put(store, 21, MINUTE, "alice");
    assertEquals(await ids(), 6);
    await put(store, 22, MINUTE, "alice");
    assertEquals(await ids(), 3);
    assertEquals(await store.revoke({ tag: "alice" }), 3);
  });

  it("are all removed in the end", async () => {
    const store = open();
    const tags = ["alice", "bob", undefined];
    for (let n = 0; n < 30; n++) await put(store, n, 50 * MINUTE, tags[n % 3]);
    for (let n = 0; n < 10; n++) await store.delete(numbered(n).id, "fatal");
    for (let n = 10; n < 20; n++) await store.take(numbered(n).id);
    await store.revoke({ tag: "alice" });
    await put(store, 30, 0, "carol");
    for (const n of [20, 23, 26, 29]) await put(store, n, -1);

    const left = await client.keys("*");
    assertEquals(left.filter((key) => key.includes(":id:")).length, 3);
    for (const key of left) {
      const ttl = await client.pttl(key);
      assert(ttl > 0 && ttl <= 51 * MINUTE, `${key} stays for ${ttl} ms`);
    }
  });

  it("start with the prefix, and no other store's are touched", async () => {
    const prefixes = ["a*:", "ab:", "a?:", "a[b]:", "a\\*:", "a:", "a:id:", ""];
    await client.set("a*:id:zz", "not ours");
    await client.set("a*:id:0101x", "not ours");
    for (const [n, prefix] of prefixes.entries()) {
      await put(open(prefix), n, MINUTE, "alice");
    }
    for (const [n, prefix] of prefixes.entries()) {
      const store = open(prefix);
      const ids = (await all(store)).map(({ id }) => id);
      assertEquals(ids, [numbered(n).id]);
      assertEquals(await store.revoke({ tag: "alice" }), 1);
      assertEquals(await all(store), []);
    }
    assertEquals(await client.get("a*:id:zz"), "not ours");
  });

  it("tell of the sessions, whatever they are tagged", async () => {
    const store = open();
    const tag = "é".repeat(128);
    await put(store, 1, MINUTE, tag);
    await put(store, 2, 2 * MINUTE);
    const entries = await all(store);
    entries.sort((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime());
    const of = (n: number): SessionEntry => ({
      id: numbered(n).id,
      expiresAt: new Date(START + n * MINUTE),
      size: numbered(n).record.length,
    });
    assertEquals(entries, [{ ...of(1), tag }, of(2)]);
    clock += MINUTE;
    assertEquals(await all(store), [of(2)]);
  });

  it("can be many", async () => {
    const store = open();
    const numbers = Array.from({ length: 350 }, (_, n) => n);
    await Promise.all(numbers.map((n) => put(store, n, MINUTE, "alice")));
    await put(store, 350, MINUTE, "bob");
    const ids = (await all(store)).map(({ id }) => numberOf(id));
    assertEquals(ids.sort((a, b) => a - b), [...numbers, 350]);
    assertEquals(await store.revoke({ tag: "alice" }), 350);
    assertEquals(await store.revoke({ tag: "alice" }), 0);
    const left = (await all(store)).map(({ id }) => numberOf(id));
    assertEquals(left, [350]);
  });

  it("may hold foreign values, which are no sessions", async () => {
    const store = open();
    const { id } = numbered(1);
    const garbage = ["", "\x01", "\x02".repeat(99), "\x01" + "\xff".repeat(99)];
    for (const text of garbage) {
      const bytes = Buffer.from(text, "latin1");
      await client.set(keyOf(1), bytes);
      assertEquals(await store.get(id), undefined);
      assertEquals(await all(store), []);
      assertEquals(await store.take(id), undefined);
      assertEquals(await client.exists(keyOf(1)), 0);
    }
  });

  it("of another type make calls fail, and can be replaced", async () => {
    const store = open();
    const { id, record } = numbered(1);
    await client.lpush(keyOf(1), "one");
    const wrongType = "WRONGTYPE Operation against a key";
    await assertRejects(
      () => store.get(id),
      Error,
      `Cannot look up the session: ${wrongType}`,
    );
    await assertRejects(
      () => store.take(id),
      Error,
      `Cannot take the session: ${wrongType}`,
    );
    assertEquals(await all(store), []);
    await put(store, 1, MINUTE);
    assertEquals(await store.get(id), record);

    await client.set("sesame:tag:616c696365", "no index");
    await assertRejects(() => put(store, 2, MINUTE, "alice"), Error, wrongType);
    assertEquals(await store.get(numbered(2).id), undefined);
    await assertRejects(
      () => store.revoke({ tag: "alice" }),
      Error,
      `Cannot revoke the sessions: ${wrongType}`,
    );
  });

  it("of a tag may hold foreign members, which are no sessions", async () => {
    const store = open();
    await put(store, 1, MINUTE, "alice");
    for (const member of ["", "x", "\x7f".repeat(7), "\x7f".repeat(500)]) {
      await client.zadd("sesame:tag:616c696365", 0, member);
    }
    assertEquals(await store.revoke({ tag: "alice" }), 1);
  });
});

function numberOf(id: Uint8Array): number {
  return new DataView(id.buffer, id.byteOffset).getUint32(0);
}

function keyOf(n: number): string {
  return `sesame:id:${Buffer.from(numbered(n).id).toString("hex")}`;
}

async function all(store: RedisSessionStore): Promise<SessionEntry[]> {
  return await Array.fromAsync(store.entries());
}
