import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { RedisSessionStore } from "../../../src/stores/redis.ts";
import { describeWithRedis, RedisServer, until } from "../../support/redis.ts";
import { ioredis, nodeRedis } from "../../testdata/redis_clients.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";

const KINDS = { "node-redis": nodeRedis, ioredis };

describeWithRedis("redis-server", "RedisSessionStore where Redis", () => {
  for (const [name, connect] of Object.entries(KINDS)) {
    it(`is away for a while fails, and goes on after, with ${name}`, async () => {
      await using server = await RedisServer.start({ persistent: true });
      await using opened = await connect(server);
      const store = new RedisSessionStore(opened.client);
      const { id, record, expiresAt } = numbered(1);

      for (const end of ["stop", "kill"] as const) {
        await store.set(id, record, { expiresAt, tag: "alice" });
        await server[end]();
        for (const use of usesOf(store)) {
          await assertRejects(use, Error, "Cannot ");
        }
        await server.restart();
        await untilItWorks(store);
        assertEquals(await store.take(id), record);
        assertEquals(await store.take(id), undefined);
      }
    });

    it(`hangs fails, and goes on after, with ${name}`, async () => {
      await using server = await RedisServer.start();
      await using patient = await connect(server);
      await using opened = await connect(server, { patience: 500 });
      const { id, record, expiresAt } = numbered(1);
      await new RedisSessionStore(patient.client).set(id, record, {
        expiresAt,
      });
      const store = new RedisSessionStore(opened.client);
      server.pause();
      await assertRejects(
        () => store.get(id),
        Error,
        "Cannot look up the session",
      );
      server.resume();
      await until("the session is found again", async () => {
        const found = await store.get(id).catch(() => undefined);
        return found?.length === record.length;
      });
    });

    it(`has no room fails, and tells nothing of the session, with ${name}`, async () => {
      await using server = await RedisServer.start({
        settings: ["--maxmemory", "1", "--maxmemory-policy", "noeviction"],
      });
      await using opened = await connect(server);
      const store = new RedisSessionStore(opened.client);
      const { id, expiresAt } = numbered(1);
      const record = new TextEncoder().encode("master secret");
      const error = await assertRejects(
        async () => await store.set(id, record, { expiresAt }),
        Error,
        "Cannot store the session: OOM",
      );
      const shown = Deno.inspect(error, { depth: 99, showHidden: true });
      assertStringIncludes(shown, "OOM");
      const record16 = Buffer.from(record).toString("hex");
      const id16 = Buffer.from(id).toString("hex");
      const bytes16 = shown.replaceAll(/[^0-9a-f]/g, "");
      for (const secret of ["master secret", record16, id16]) {
        assert(!shown.includes(secret) && !bytes16.includes(secret), shown);
      }
    });

    it(`is too old says so, with ${name}`, async () => {
      await using server = await RedisServer.start({
        settings: ["--rename-command", "GETEX", "OLD"],
      });
      await using opened = await connect(server);
      const store = new RedisSessionStore(opened.client);
      const error = await assertRejects(
        () => store.get(numbered(1).id),
        Error,
        "Cannot look up the session: the server doesn't support the command GETEX; it must be Redis 6.2 or later",
      );
      assertEquals(error.cause, undefined);
    });

    it(`has been left fails, with ${name}`, async () => {
      await using server = await RedisServer.start();
      const opened = await connect(server);
      const store = new RedisSessionStore(opened.client);
      await opened[Symbol.asyncDispose]();
      for (const use of usesOf(store)) {
        await assertRejects(use, Error, "Cannot ");
      }
    });
  }

  it("is asked by many gives each session to one", async () => {
    await using server = await RedisServer.start();
    await using first = await nodeRedis(server);
    await using second = await ioredis(server);
    await using third = await nodeRedis(server);
    await using fourth = await ioredis(server);
    const stores = [first, second, third, fourth]
      .map(({ client }) => new RedisSessionStore(client));
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    await Promise.all(numbers.map(async (n) => {
      const { id, record, expiresAt } = numbered(n);
      await stores[n % 4]?.set(id, record, { expiresAt });
    }));
    const taken = await Promise.all(
      numbers.map((n) =>
        Promise.all(stores.map((store) => store.take(numbered(n).id)))
      ),
    );
    for (const [n, records] of taken.entries()) {
      const received = records.filter((record) => record !== undefined);
      assertEquals(received, [numbered(n).record]);
    }
  });
});

/** Everything that a store does. */
function usesOf(store: RedisSessionStore): (() => Promise<unknown>)[] {
  const { id, record, expiresAt } = numbered(2);
  return [
    () => store.get(id),
    () => store.set(id, record, { expiresAt }),
    () => store.set(id, record, { expiresAt, tag: "alice" }),
    () => store.delete(id, "fatal"),
    () => store.take(id),
    () => store.revoke({ tag: "alice" }),
    () => Array.fromAsync(store.entries()),
  ];
}

/** Waits for the client to connect again. */
async function untilItWorks(store: RedisSessionStore): Promise<void> {
  await until(
    "the store works again",
    () => store.get(numbered(3).id).then(() => true, () => false),
  );
}
