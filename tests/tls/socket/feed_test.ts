/** What is fed from outside is handed over when somebody asks, until the end. */
import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Feed, type FeedOptions } from "../../../src/tls/socket/feed.ts";
import { readInto } from "../../../src/tls/socket/read_into.ts";
import {
  failureOf,
  hear,
  NOTHING_LEFT,
  settle,
} from "../../support/sockets.ts";

type Bytes = Uint8Array<ArrayBuffer>;

function feedOf(options: FeedOptions = {}): Feed<Bytes> {
  return new Feed({ isBytes: true, ...options });
}

/** Reads at most so many bytes. */
async function read(feed: Feed<Bytes>, size: number): Promise<number[] | null> {
  const into = new Uint8Array(size);
  const count = await readInto(feed, into);
  return count === null ? null : [...into.subarray(0, count)];
}

describe("A feed of bytes", NOTHING_LEFT, () => {
  it("gives a chunk in parts, and knows what is left", async () => {
    const feed = feedOf();
    feed.push(Uint8Array.of(1, 2, 3));
    assertEquals([await read(feed, 2), feed.size], [[1, 2], 1]);
    assertEquals([await read(feed, 1), feed.size], [[3], 0]);
    const next = read(feed, 9);
    assertEquals(feed.isRead, true);
    feed.push(Uint8Array.of(4));
    assertEquals([await next, feed.size, feed.isRead], [[4], 0, false]);
  });

  it("takes nothing after its end, by calls or by a stream", async () => {
    const feed = feedOf();
    feed.push(Uint8Array.of(65));
    feed.end();
    feed.push(Uint8Array.of(66));
    assertEquals([feed.size, feed.hasEnded], [1, true]);
    assertEquals(await read(feed, 9), [65]);
    assertEquals(await read(feed, 9), null);
    assertEquals(await hear({ readable: feed.stream }), null);
  });

  it("fails after what was pushed, or at once", async () => {
    const error = new Error("the end");
    const late = feedOf();
    late.push(Uint8Array.of(1));
    late.end({ error });
    assertEquals(await read(late, 9), [1]);
    assertStrictEquals(await failureOf(read(late, 9)), error);

    const soon = feedOf();
    soon.push(Uint8Array.of(1));
    soon.fail({ error });
    assertEquals(soon.size, 0);
    assertStrictEquals(await failureOf(read(soon, 9)), error);
    assertStrictEquals(
      await failureOf(hear({ readable: soon.stream })),
      error,
    );
  });

  it("keeps no more items than its limit, the newest", async () => {
    const feed = feedOf({ limit: 2 });
    for (const byte of [1, 2, 3]) feed.push(Uint8Array.of(byte));
    assertEquals([feed.size, await read(feed, 9)], [2, [2]]);
  });

  it("is over when its stream was cancelled, whatever still comes", async () => {
    let cancelled = 0;
    const feed = feedOf({ onCancel: () => cancelled++ });
    feed.push(Uint8Array.of(1));
    await feed.stream.cancel();
    feed.push(Uint8Array.of(2));
    feed.end();
    assertEquals([feed.size, cancelled], [0, 1]);
    assertEquals(await read(feed, 9), null);
  });

  it("keeps for calls what a reader with its own buffer has no room for", async () => {
    const feed = feedOf();
    const reader = feed.stream.getReader({ mode: "byob" });
    feed.push(Uint8Array.of(1, 2, 3, 4, 5));
    const { value } = await reader.read(new Uint8Array(2), { min: 2 });
    assertEquals([...value ?? []], [1, 2]);
    assertEquals(feed.size, 3);
    const both = [
      reader.read(new Uint8Array(1)),
      reader.read(new Uint8Array(1)),
    ];
    const bytes = (await Promise.all(both)).map(({ value }) => value?.[0]);
    assertEquals(bytes, [3, 4]);
    reader.releaseLock();
    feed.push(Uint8Array.of(6));
    assertEquals([await read(feed, 9), await read(feed, 9)], [[5], [6]]);
  });

  for (const mode of [undefined, "byob"] as const) {
    it(`gives nothing to a reader that has let go, ${mode ?? "default"}`, async () => {
      const feed = feedOf();
      await letGo(feed, mode);
      feed.push(Uint8Array.of(1));
      assertEquals([feed.size, await read(feed, 9)], [1, [1]]);

      // Another reader may come before there is something, or after.
      await letGo(feed, mode);
      const reader = feed.stream.getReader();
      const next = reader.read();
      feed.push(Uint8Array.of(2));
      assertEquals([...(await next).value ?? []], [2]);
      reader.releaseLock();
      await letGo(feed, mode);
      feed.push(Uint8Array.of(3));
      feed.end();
      assertEquals(await hear({ readable: feed.stream }), "\x03");
      assertEquals(await read(feed, 9), null);
    });
  }

  const halves: Record<string, (feed: Feed<Bytes>) => Promise<unknown>> = {
    "of which an element has come in part": async (feed) => {
      const reader = feed.stream.getReader({ mode: "byob" });
      const first = reader.read(new Uint32Array(4));
      feed.push(Uint8Array.of(1, 2, 3, 4, 5, 6, 7));
      await first;
      reader.releaseLock();
    },
    "that waited for more": async (feed) => {
      const reader = feed.stream.getReader({ mode: "byob" });
      const first = failureOf(reader.read(new Uint8Array(9), { min: 6 }));
      await settle();
      feed.push(Uint8Array.of(5, 6, 7));
      reader.releaseLock();
      await first;
    },
  };
  for (const [what, begin] of Object.entries(halves)) {
    it(`says that its stream keeps bytes of a reader ${what}`, async () => {
      const feed = feedOf();
      assertEquals(feed.keepsBytes, false);
      await begin(feed);
      assertEquals(feed.keepsBytes, true);
      feed.push(Uint8Array.of(8));
      feed.end();
      const rest = await Array.fromAsync(feed.stream);
      assertEquals(rest.flatMap((chunk) => [...chunk]), [5, 6, 7, 8]);
      assertEquals(feed.keepsBytes, false);
    });
  }

  it("loses nothing to a buffer that is transferred meanwhile", async () => {
    const feed = feedOf();
    const into = new Uint8Array(4);
    const failed = failureOf(readInto(feed, into));
    const next = read(feed, 9);
    into.buffer.transfer();
    feed.push(Uint8Array.of(1, 2));
    assertInstanceOf(await failed, TypeError);
    assertEquals(await next, [1, 2]);
  });
});

/** Asks by a reader of the stream, which lets go before there is anything. */
async function letGo(
  feed: Feed<Bytes>,
  mode: "byob" | undefined,
): Promise<void> {
  const { stream } = feed;
  const reader = mode ? stream.getReader({ mode }) : stream.getReader();
  const failed = failureOf(
    reader instanceof ReadableStreamBYOBReader
      ? reader.read(new Uint8Array(4))
      : reader.read(),
  );
  // The stream asks for something a moment later.
  await Promise.resolve();
  reader.releaseLock();
  assertInstanceOf(await failed, TypeError);
}
