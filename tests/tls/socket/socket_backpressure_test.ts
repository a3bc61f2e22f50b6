import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TlsTransport } from "@sesame/tls";
import { contextOf } from "../../support/engines.ts";
import {
  closeAll,
  hear,
  hearAll,
  newLine,
  NOTHING_LEFT,
  openSockets,
  say,
  settle,
} from "../../support/sockets.ts";

const MEGABYTE = new Uint8Array(1_000_000).map((_, i) => i % 251);

/** A transport that counts the bytes that were read from it. */
function counted(transport: TlsTransport): TlsTransport & { read: number } {
  const reader = transport.readable.getReader();
  const counting = {
    read: 0,
    writable: transport.writable,
    readable: new ReadableStream<Uint8Array>({
      async pull(controller): Promise<void> {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        counting.read += value.length;
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 }),
  };
  return counting;
}

describe("TlsSocket's backpressure", NOTHING_LEFT, () => {
  it("leaves in the transport what nobody reads, but for a little", async () => {
    using context = contextOf();
    const { here, there } = newLine();
    const transport = counted(there);
    const ends = await openSockets(context, context, {
      line: { here, there: transport },
    });
    const handshakeBytes = transport.read;
    const written = say(ends.client, MEGABYTE);
    await settle();
    assertLess(transport.read, handshakeBytes + 200_000);

    await hear(ends.server);
    await settle();
    assertLess(transport.read, handshakeBytes + 200_000);
    const heard = hearAll(ends.server);
    await written;
    await ends.client.writable.close();
    await heard;
    await closeAll(ends);
  });

  it("lets a write wait until the transport has taken it", async () => {
    using context = contextOf();
    const ends = await openSockets(context);
    let isWritten = false;
    const writing = say(ends.client, MEGABYTE).then(() => isWritten = true);
    await settle();
    assertEquals(isWritten, false);
    let length = 0;
    for await (const chunk of ends.server.readable) {
      length += chunk.length;
      if (length === MEGABYTE.length) break;
      assertLess(chunk.length, 100_000);
    }
    await writing;
    await closeAll(ends);
  });

  it("reads no more than a chunk ahead for one who waits for sessions", async () => {
    using context = contextOf({ tickets: "off" });
    const { here, there } = newLine();
    const transport = counted(here);
    const ends = await openSockets(context, context, {
      line: { here: transport, there },
    });
    const handshakeBytes = transport.read;
    const sessions = ends.client.sessions.getReader().read();
    const written = say(ends.server, MEGABYTE);
    await settle();
    assertLess(transport.read, handshakeBytes + 200_000);
    const heard = hearAll(ends.client);
    await written;
    await ends.server.writable.close();
    assertEquals((await heard).length, MEGABYTE.length);
    await closeAll(ends);
    assertEquals((await sessions).done, true);
  });
});
