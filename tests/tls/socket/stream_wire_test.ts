/** What a transport of two streams is given, and how it is given back. */
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { StreamWire } from "../../../src/tls/socket/stream_wire.ts";
import { NOTHING_LEFT, settle, tlsErrorOf } from "../../support/sockets.ts";

/** Two streams whose writes are taken when the test says so, and what was done with them. */
class Streams {
  readonly done: string[] = [];
  readonly wire: StreamWire;
  #writing = Promise.withResolvers<void>();

  /** What can be read, before the end. */
  constructor(...incoming: unknown[]) {
    const record = (what: string) => () => void this.done.push(what);
    this.wire = new StreamWire({
      readable: new ReadableStream<Uint8Array>({
        pull: (controller) => {
          const next = incoming.shift() as Uint8Array | undefined;
          if (next === undefined) {
            this.done.push("end");
            return controller.close();
          }
          controller.enqueue(next);
        },
        cancel: record("cancel"),
      }, { highWaterMark: 0 }),
      writable: new WritableStream<Uint8Array>({
        write: (chunk) => {
          this.done.push(`write ${chunk.length}`);
          this.#writing = Promise.withResolvers();
          return this.#writing.promise;
        },
        close: record("close"),
        abort: record("abort"),
      }),
    });
  }

  /** Lets the write under way be done. */
  take(): Promise<void> {
    this.#writing.resolve();
    return settle();
  }

  /** Fails the write under way. */
  fail(error: unknown): Promise<void> {
    this.#writing.reject(error);
    return settle();
  }
}

describe("The wire of two streams", NOTHING_LEFT, () => {
  it("doesn't write nothing, which is no answer", async () => {
    const { wire, done } = new Streams();
    wire.write(new Uint8Array());
    await settle();
    assertEquals([wire.hasWritten, done], [false, []]);
  });

  it("fails once, and takes no more", async () => {
    const streams = new Streams();
    const { wire, done } = streams;
    let written = 0;
    wire.onWritten = () => written++;
    const cause = new Error("broken pipe");
    wire.write(new Uint8Array(1));
    wire.write(new Uint8Array(1));
    await settle();
    assertEquals([wire.unsent, wire.hasWritten], [2, true]);
    const flushed = tlsErrorOf(wire.flushed(), "transport");
    await streams.fail(cause);
    const error = await flushed;
    assertStrictEquals(error.cause, cause);
    wire.write(new Uint8Array(1));
    await settle();
    assertEquals([wire.unsent, written], [0, 2]);
    assertStrictEquals(await assertRejects(() => wire.flushed()), error);
    assertEquals(done, ["write 1"]);
  });

  it("hands on what comes until the end, if it is bytes", async () => {
    const { wire } = new Streams(Uint8Array.of(7), "text");
    const taken: number[][] = [];
    const read = (): Promise<boolean> =>
      wire.read((bytes) => taken.push([...bytes]));
    assertEquals(await read(), true);
    await tlsErrorOf(read(), "transport");
    assertEquals(await read(), false);
    assertEquals(taken, [[7]]);
  });
});

describe("A transport of two streams is given back", NOTHING_LEFT, () => {
  it("after close() when all that was written has gone", async () => {
    const streams = new Streams();
    const { wire, done } = streams;
    wire.write(new Uint8Array(1));
    const released = wire.release("closed");
    await settle();
    assertEquals(done, ["write 1"]);
    await streams.take();
    await released;
    assertEquals(done, ["write 1", "close", "cancel"]);
  });

  it("after a failure when the peer has read the alert, and ended", async () => {
    const streams = new Streams(Uint8Array.of(1), Uint8Array.of(2));
    const { wire, done } = streams;
    wire.write(new Uint8Array(1));
    const released = wire.release("failed");
    await settle();
    await streams.take();
    await released;
    assertEquals(done, ["write 1", "close", "end"]);
  });

  it("at once where the alert can't be sent, or nobody is to wait", async () => {
    const broken = new Streams(Uint8Array.of(1));
    broken.wire.write(new Uint8Array(1));
    await settle();
    await broken.fail(new Error("broken pipe"));
    await broken.wire.release("failed");
    assertEquals(broken.done, ["write 1", "cancel"]);

    const aborted = new Streams(Uint8Array.of(1));
    await settle();
    await aborted.wire.release("aborted");
    assertEquals(aborted.done, ["abort", "cancel"]);
  });
});
