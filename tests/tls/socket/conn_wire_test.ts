/** What a TCP connection is given, and how it is given back, over one in memory. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FakeTime } from "@std/testing/time";
import type { TcpConnection, TlsError } from "@sesame/tls";
import { ConnWire } from "../../../src/tls/socket/conn_wire.ts";
import { LINGER_TIMEOUT } from "../../../src/tls/socket/socket_timers.ts";
import { NOTHING_LEFT, settle, tlsErrorOf } from "../../support/sockets.ts";

/** A connection whose writes are taken when the test says so, and what was done with it. */
class Tcp implements TcpConnection {
  readonly localAddr = { hostname: "192.0.2.1", port: 1 };
  readonly remoteAddr = { hostname: "192.0.2.2", port: 2 };
  readonly done: string[] = [];
  /** How many reads give a byte before the end. */
  incoming = 0;
  #writing = Promise.withResolvers<number>();

  read(into: Uint8Array): Promise<number | null> {
    this.done.push("read");
    into[0] = 7;
    return Promise.resolve(this.incoming-- > 0 ? 1 : null);
  }

  write(bytes: Uint8Array): Promise<number> {
    this.done.push(`write ${bytes.length}`);
    this.#writing = Promise.withResolvers();
    return this.#writing.promise;
  }

  closeWrite(): Promise<void> {
    this.done.push("closeWrite");
    return Promise.resolve();
  }

  close(): void {
    this.done.push("close");
  }

  setNoDelay(): void {}

  /** Lets the write under way take so many bytes. */
  take(count: number): Promise<void> {
    this.#writing.resolve(count);
    return settle();
  }

  /** Fails the write under way. */
  fail(error: unknown): Promise<void> {
    this.#writing.reject(error);
    return settle();
  }
}

/** A wire, and how often it has said that something was written. */
function wireOf(): { wire: ConnWire; tcp: Tcp; written: () => number } {
  const tcp = new Tcp();
  const wire = new ConnWire(tcp);
  let count = 0;
  wire.onWritten = () => count++;
  return { wire, tcp, written: () => count };
}

describe("The wire of a TCP connection", NOTHING_LEFT, () => {
  it("writes in order, one after the other, what was not taken too", async () => {
    const { wire, tcp, written } = wireOf();
    wire.write(new Uint8Array(5));
    wire.write(new Uint8Array(3));
    assertEquals([wire.unsent, wire.hasWritten], [8, true]);
    await tcp.take(2);
    assertEquals([wire.unsent, written()], [8, 0]);
    // Who waits for room hears of each: there may be more all the time.
    await tcp.take(3);
    assertEquals([wire.unsent, written()], [3, 1]);
    await tcp.take(3);
    assertEquals([wire.unsent, written()], [0, 2]);
    assertEquals(tcp.done, ["write 5", "write 3", "write 3"]);
  });

  it("doesn't write nothing, which is no answer", () => {
    const { wire, tcp } = wireOf();
    wire.write(new Uint8Array());
    assertEquals([wire.hasWritten, tcp.done], [false, []]);
  });

  it("is flushed when all was taken", async () => {
    const { wire, tcp } = wireOf();
    await wire.flushed();
    wire.write(new Uint8Array(1));
    let isFlushed = false;
    const flushed = wire.flushed().then(() => isFlushed = true);
    await settle();
    assertEquals(isFlushed, false);
    await tcp.take(1);
    await flushed;
  });

  it("fails once, and takes no more", async () => {
    const { wire, tcp, written } = wireOf();
    const cause = new Error("broken pipe");
    wire.write(new Uint8Array(1));
    wire.write(new Uint8Array(1));
    const flushed = tlsErrorOf(wire.flushed(), "transport");
    await tcp.fail(cause);
    const error: TlsError = await flushed;
    assertStrictEquals(error.cause, cause);
    assertStrictEquals(wire.writeError, error);
    wire.write(new Uint8Array(1));
    assertEquals([wire.unsent, written()], [0, 1]);
    assertEquals(tcp.done, ["write 1"]);
    assertStrictEquals(await assertRejects(() => wire.flushed()), error);
  });

  it("hands on what comes until the end", async () => {
    const { wire, tcp } = wireOf();
    tcp.incoming = 1;
    const taken: number[][] = [];
    const read = (): Promise<boolean> =>
      wire.read((bytes) => taken.push([...bytes]));
    assertEquals([await read(), await read()], [true, false]);
    assertEquals(taken, [[7]]);
  });
});

describe(
  "The wire of a connection that says what none can",
  NOTHING_LEFT,
  () => {
    for (const count of [-1, 0.5, NaN, 2_049, undefined]) {
      it(`fails where a read gives ${count}`, async () => {
        const { wire, tcp } = wireOf();
        tcp.read = () => Promise.resolve(count as number);
        const error = await tlsErrorOf(wire.read(() => {}), "transport");
        assertEquals(
          error.message,
          `Cannot read from the transport: read of the connection must resolve with a whole number from 0 to 2048, received ${count}`,
        );
      });
    }

    for (const count of [0, -1, NaN, 6]) {
      it(`fails where a write of 5 bytes takes ${count}`, async () => {
        const { wire, tcp } = wireOf();
        wire.write(new Uint8Array(5));
        const flushed = tlsErrorOf(wire.flushed(), "transport");
        await tcp.take(count);
        assertEquals(
          (await flushed).message,
          `Cannot write to the transport: write of the connection must resolve with a whole number from 1 to 5, received ${count}`,
        );
        assertEquals(tcp.done, ["write 5"]);
      });
    }

    it("sends what a write transfers that takes all", async () => {
      const { wire, tcp } = wireOf();
      const { write } = tcp;
      tcp.write = (bytes) => {
        const taken = write.call(tcp, bytes);
        structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
        return taken;
      };
      wire.write(new Uint8Array(5));
      wire.write(new Uint8Array(3));
      await tcp.take(5);
      await tcp.take(3);
      await wire.flushed();
      assertEquals([wire.unsent, tcp.done], [0, ["write 5", "write 3"]]);
    });

    it("fails where a read transfers its buffer", async () => {
      const { wire, tcp } = wireOf();
      tcp.read = (into) => {
        structuredClone(into, { transfer: [into.buffer as ArrayBuffer] });
        return Promise.resolve(5);
      };
      const { cause } = await tlsErrorOf(wire.read(() => {}), "transport");
      assertStringIncludes(`${cause}`, "detached");
    });

    it("lets others run where reads give nothing, at once and for ever", async () => {
      const { wire, tcp } = wireOf();
      tcp.read = () => Promise.resolve(0);
      wire.write(new Uint8Array(1));
      const released = wire.release("failed");
      await settle();
      await tcp.take(1);
      tcp.read = () => Promise.resolve(null);
      await released;
      assertEquals(tcp.done, ["write 1", "closeWrite", "close"]);
    });

    it("reads no more once it is released", async () => {
      using time = new FakeTime();
      const { wire, tcp } = wireOf();
      let reads = 0;
      tcp.read = () => Promise.resolve(Math.min(reads++, 0));
      const released = wire.release("failed");
      await time.tickAsync(LINGER_TIMEOUT);
      await released;
      await time.tickAsync(1);
      const before = reads;
      await time.tickAsync(100);
      assertEquals([before > 1, reads], [true, before]);
    });
  },
);

describe("A TCP connection is given back", NOTHING_LEFT, () => {
  it("after close() when all that was written has gone", async () => {
    const { wire, tcp } = wireOf();
    wire.write(new Uint8Array(1));
    const released = wire.release("closed");
    await settle();
    assertEquals(tcp.done, ["write 1"]);
    await tcp.take(1);
    await released;
    assertEquals(tcp.done, ["write 1", "close"]);
  });

  it("after a failure when the peer has read the alert, and ended", async () => {
    const { wire, tcp } = wireOf();
    tcp.incoming = 2;
    wire.write(new Uint8Array(1));
    const released = wire.release("failed");
    await tcp.take(1);
    await released;
    assertEquals(tcp.done, [
      ...["write 1", "closeWrite", "read", "read", "read", "close"],
    ]);
  });

  it("at once where the alert can't be sent, or nobody is to wait", async () => {
    const broken = wireOf();
    broken.wire.write(new Uint8Array(1));
    await broken.tcp.fail(new Error("broken pipe"));
    await broken.wire.release("failed");
    assertEquals(broken.tcp.done, ["write 1", "close"]);

    const aborted = wireOf();
    aborted.wire.write(new Uint8Array(1));
    await aborted.wire.release("aborted");
    assertEquals(aborted.tcp.done, ["write 1", "close"]);
    assert(aborted.wire.writeError === null);
    await aborted.tcp.fail(new Error("closed"));
  });
});
