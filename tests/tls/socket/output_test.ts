/** What is written by calls and by a stream keeps its order, and is known to have gone. */
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Output } from "../../../src/tls/socket/output.ts";
import { Sink } from "../../../src/tls/socket/sink.ts";
import {
  failureOf,
  NOTHING_LEFT,
  settle,
  tlsErrorOf,
} from "../../support/sockets.ts";

const bytes = (count: number): Uint8Array => new Uint8Array(count);

/** A target that takes what it is sent when the test says so, and what became of it. */
class Target {
  readonly done: unknown[] = [];
  #sending: (() => void)[] = [];

  send({ length }: Uint8Array): Promise<void> {
    this.done.push(length);
    return new Promise((resolve) => this.#sending.push(resolve));
  }

  endWriting(): Promise<void> {
    this.done.push("end");
    return Promise.resolve();
  }

  abort(error: unknown): void {
    this.done.push(error);
  }

  /** Takes the oldest of what was sent. */
  take(): Promise<void> {
    this.#sending.shift()?.();
    return settle();
  }
}

function outputOf(): { output: Output; target: Target } {
  const target = new Target();
  return { output: new Output(target), target };
}

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let is = false;
  promise.finally(() => is = true).catch(() => {});
  await settle();
  return is;
}

describe("The output of a socket", NOTHING_LEFT, () => {
  it("is idle at first, and when all that was written has gone", async () => {
    const { output, target } = outputOf();
    await output.idle();
    const writing = [output.write(bytes(1)), output.write(bytes(2))];
    const idle = output.idle();
    await settle();
    await target.take();
    assertEquals(await writing[0], 1);
    assertEquals([output.isIdle, await isSettled(idle)], [false, false]);
    await target.take();
    await idle;
    assertEquals(await writing[1], 2);
    assertEquals(target.done, [1, 2]);
  });

  it("is idle when what was written to the stream has gone", async () => {
    const { output, target } = outputOf();
    const writer = output.stream.getWriter();
    const writing = writer.write(bytes(1));
    const idle = output.idle();
    assertEquals(await isSettled(idle), false);
    await target.take();
    await Promise.all([idle, writing]);
  });

  it("sends nothing of nothing, and doesn't wait for its turn", async () => {
    const { output, target } = outputOf();
    const writing = output.write(bytes(1));
    assertEquals(await output.write(bytes(0)), 0);
    await target.take();
    await writing;
    assertEquals(target.done, [1]);
  });

  it("has a stream that takes no more after closeWrite", async () => {
    const { output } = outputOf();
    await output.closeWrite();
    const writer = output.stream.getWriter();
    await tlsErrorOf(writer.write(bytes(1)), "closed");
  });

  it("fails what waits for its turn, and what comes later, with one error", async () => {
    const { output, target } = outputOf();
    const first = output.write(bytes(1));
    const waiting = failureOf(output.write(bytes(2)));
    await settle();
    const idle = output.idle();
    const error = new Error("the end");
    output.fail({ error });
    output.fail({ error: new Error("later") });
    await idle;
    await target.take();
    await first;
    assertStrictEquals(await waiting, error);
    assertStrictEquals(await failureOf(output.write(bytes(3))), error);
    const writer = output.stream.getWriter();
    assertStrictEquals(await failureOf(writer.closed), error);
    assertStrictEquals(await failureOf(writer.write(bytes(4))), error);
    assertEquals(target.done, [1]);
  });

  it("needs no error where its stream was closed before", async () => {
    const { output, target } = outputOf();
    await output.stream.close();
    let made = 0;
    output.fail({
      get error(): unknown {
        return ++made;
      },
    });
    assertEquals([target.done, made], [["end"], 0]);
    await output.idle();
    assertEquals(await failureOf(output.write(bytes(1))), 1);
  });

  it("aborts with what a chunk fails for, if it was not told before", async () => {
    const { output, target } = outputOf();
    const writer = output.stream.getWriter();
    const error = await assertRejects(() => writer.write("text" as never));
    assertEquals(target.done, [error]);
  });
});

describe("A sink of bytes", NOTHING_LEFT, () => {
  it("doesn't wait for what was written after it was closed", async () => {
    const writing = Promise.withResolvers<void>();
    const sink = new Sink({
      write: () => writing.promise,
      close: () => Promise.resolve(),
      abort: () => {},
      onIdle: () => {},
    });
    const writer = sink.stream.getWriter();
    const written = writer.write(bytes(1));
    const closed = writer.close();
    const early = failureOf(writer.write(bytes(1)));
    await settle();
    assertEquals(sink.isIdle, false);
    writing.resolve();
    await Promise.all([written, closed, early]);
    await failureOf(writer.write(bytes(1)));
    assertEquals(sink.isIdle, true);
  });
});
