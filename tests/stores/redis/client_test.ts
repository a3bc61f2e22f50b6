import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type NodeRedisClient,
  type NodeRedisCommandOptions,
  type RedisClient,
  RedisSessionStore,
} from "../../../src/stores/redis.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";

describe("RedisSessionStore, given", () => {
  it("a record with a tag, writes the tag's index first", async () => {
    const sent: string[] = [];
    const store = new RedisSessionStore(stub((args) => {
      sent.push(String(args[0]));
      return 1;
    }));
    const { id, record, expiresAt } = numbered(1);
    await store.set(id, record, { expiresAt, tag: "alice" });
    assertEquals(sent, ["EVAL", "SET"]);
  });

  it("a tag's index that fails, stores nothing", async () => {
    const sent: string[] = [];
    const store = new RedisSessionStore(stub((args) => {
      sent.push(String(args[0]));
      throw new Error("no scripts here");
    }));
    const { id, record, expiresAt } = numbered(1);
    await assertRejects(
      () => store.set(id, record, { expiresAt, tag: "alice" }),
      Error,
      "Cannot store the session: no scripts here",
    );
    assertEquals(sent, ["EVAL"]);
  });

  it("text for bytes, fails", async () => {
    const store = new RedisSessionStore(stub(() => "text"));
    const message = "the client returned string instead of bytes";
    await assertRejects(
      () => store.get(numbered(1).id),
      Error,
      `Cannot look up the session: ${message}`,
    );
    await assertRejects(() => store.take(numbered(1).id), Error, message);
  });

  it("an aborted signal, sends nothing", async () => {
    const store = new RedisSessionStore(stub(() => {
      throw new Error("sent");
    }));
    const { id, record, expiresAt } = numbered(1);
    const reason = new Error("no one waits");
    const signal = AbortSignal.abort(reason);
    for (
      const call of [
        () => store.get(id, { signal }),
        () => store.take(id, { signal }),
        () => store.set(id, record, { expiresAt, signal }),
        () => store.set(id, record, { expiresAt, signal, tag: "alice" }),
      ]
    ) {
      assertEquals(await assertRejects(async () => await call()), reason);
    }
  });

  it("a signal, hands it to node-redis", async () => {
    let handed: unknown;
    const store = new RedisSessionStore(stub((_args, options) => {
      handed = options?.abortSignal;
      return null;
    }));
    const { signal } = new AbortController();
    await store.get(numbered(1).id, { signal });
    assertEquals(handed, signal);
  });

  it("what is no client or no prefix, refuses it", () => {
    const client = stub(() => null);
    const wrong: [unknown, unknown, string][] = [
      [
        undefined,
        ":",
        "client must be a client of npm:redis or npm:ioredis, received undefined",
      ],
      [
        null,
        ":",
        "client must be a client of npm:redis or npm:ioredis, received null",
      ],
      [
        {},
        ":",
        "client must be a client of npm:redis or npm:ioredis, received an object",
      ],
      [client, 1, "prefix must be a string, received 1"],
      [client, "\ud800", "prefix must be well-formed text"],
    ];
    for (const [client, prefix, message] of wrong) {
      assertThrows(
        () =>
          new RedisSessionStore(client as RedisClient, {
            prefix: prefix as string,
          }),
        Error,
        message,
      );
    }
  });
});

/** A client of node-redis that answers as it is told. */
function stub(
  answer: (args: unknown[], options?: NodeRedisCommandOptions) => unknown,
): NodeRedisClient {
  return {
    sendCommand: async (args, options): Promise<unknown> =>
      await answer(args, options),
  };
}
