import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connect, createServer } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import { type NodeDuplex, nodeTransport, startTls } from "@sesame/tls";
import { NODE_SOCKET_CHECKS } from "../../runtimes/node_socket_checks.ts";
import { contextOf } from "../../support/engines.ts";
import {
  closeAll,
  failureOf,
  hear,
  newLine,
  openSockets,
  say,
  tlsErrorOf,
} from "../../support/sockets.ts";

/** Two Duplex streams that lead to each other. */
function duplexes(): [Duplex, Duplex] {
  const ends: [Duplex, Duplex] = [endOf(() => ends[1]), endOf(() => ends[0])];
  return ends;
}

function endOf(other: () => Duplex): Duplex {
  return new Duplex({
    read(): void {},
    write(chunk, _encoding, callback): void {
      other().push(chunk);
      callback();
    },
    final(callback): void {
      other().push(null);
      callback();
    },
  });
}

describe("nodeTransport", () => {
  for (const [name, check] of Object.entries(NODE_SOCKET_CHECKS)) {
    it(name, check);
  }

  it("takes any Duplex", async () => {
    using context = contextOf();
    const [here, there] = duplexes();
    const ends = await openSockets(context, context, {
      line: { here: nodeTransport(here), there: nodeTransport(there) },
    });
    await say(ends.client, "hello");
    assertEquals(await hear(ends.server), "hello");
    await closeAll(ends);
  });

  it("gives a socket's addresses", async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve)
    );
    const { port } = server.address() as { port: number };
    const socket = connect(port, "127.0.0.1");
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    const transport = nodeTransport(socket);
    assertEquals(transport.remoteAddress, `127.0.0.1:${port}`);
    assertEquals(transport.localAddress, `127.0.0.1:${socket.localPort}`);
    await transport.readable.cancel();
    await new Promise((resolve) => server.close(resolve));
  });

  it("fails with what the socket fails with", async () => {
    using context = contextOf();
    const here = new Duplex({ read(): void {}, write(): void {} });
    const socket = startTls(nodeTransport(here), { role: "server", context });
    const cause = new Error("the wire was cut");
    here.destroy(cause);
    const error = await tlsErrorOf(socket.opened, "transport");
    assertStrictEquals(error.cause, cause);
    await failureOf(socket.closed);
  });

  it("fails where the socket is over already, and doesn't throw", async () => {
    using context = contextOf();
    const here = new Duplex({ read(): void {}, write(): void {} });
    here.destroy();
    const socket = startTls(nodeTransport(here), { role: "server", context });
    await tlsErrorOf(socket.opened, "transport");
    await failureOf(socket.closed);
  });

  it("fails where the socket was over long before", async () => {
    const here = new Duplex({ read(): void {}, write(): void {} });
    const closed = new Promise((resolve) => here.once("close", resolve));
    here.destroy();
    await closed;
    const { readable, writable } = nodeTransport(here);
    for (
      const failure of [
        failureOf(readable.getReader().read()),
        failureOf(writable.getWriter().write(new Uint8Array(1))),
      ]
    ) {
      assertEquals((await failure as Error).message, "The socket is closed");
    }
  });

  it("ends where the socket's input ends, or has ended before", async () => {
    const here = new PassThrough({ allowHalfOpen: true, autoDestroy: false });
    const { readable, writable } = nodeTransport(here);
    await writable.close();
    assertEquals(await hear({ readable }), null);
    assertEquals(here.readableEnded, true);
    const again = nodeTransport(here);
    assertEquals(await hear(again), null);
  });

  it("takes no notice of data after the reader has left", async () => {
    const here = new Duplex({ read(): void {}, write(): void {} });
    const { readable } = nodeTransport(here);
    await readable.cancel();
    here.emit("data", new Uint8Array(1));
    here.emit("end");
    assertEquals(here.destroyed, true);
  });

  it("fails a write that the socket calls back with an error", async () => {
    const cause = new Error("too much");
    const here = new Duplex({ read(): void {}, write(): void {} });
    here.write =
      ((_chunk: unknown, callback: (error: Error) => void) =>
        callback(cause)) as never;
    const writer = nodeTransport(here).writable.getWriter();
    assertStrictEquals(await failureOf(writer.write(new Uint8Array(1))), cause);
    assertStrictEquals(await failureOf(writer.closed), cause);
  });

  it("refuses what isn't a Duplex, or one of objects", () => {
    assertThrows(
      () => nodeTransport({} as NodeDuplex),
      TypeError,
      "it has no method on",
    );
    assertThrows(
      () => nodeTransport(new PassThrough({ objectMode: true })),
      TypeError,
      "object mode",
    );
  });
});

describe("startTls", () => {
  it("says what to do with a socket of Node's", () => {
    using context = contextOf();
    assertThrows(
      () => startTls(new PassThrough() as never, { role: "server", context }),
      TypeError,
      "nodeTransport makes one of it",
    );
  });

  it("says what a stream of text lacks", async () => {
    using context = contextOf();
    const { writable } = newLine().here;
    const readable = new ReadableStream<string>({
      start: (controller) => controller.enqueue("text"),
    }) as ReadableStream<unknown> as ReadableStream<Uint8Array>;
    const socket = startTls({ readable, writable }, {
      role: "server",
      context,
    });
    const error = await tlsErrorOf(socket.opened, "transport");
    assertEquals(
      (error.cause as Error).message,
      "transport.readable must give Uint8Arrays, received string",
    );
    await failureOf(socket.closed);
  });
});
