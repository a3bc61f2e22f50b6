/** The sessions that a client is given are kept for whoever reads them, up to a bound. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsContext } from "@sesame/tls";
import { certificate } from "../../support/engines.ts";
import { closeAll, newLine, openSockets } from "../../support/sockets.ts";

const { cert, key } = certificate;

/** Hands on at most 1000 bytes at a time. */
function slices(): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller): void {
      for (let at = 0; at < chunk.length; at += 1_000) {
        controller.enqueue(chunk.subarray(at, at + 1_000));
      }
    },
  });
}

describe("The sessions of a socket that nobody has read", () => {
  it("are the newest 16", async () => {
    using server = new TlsContext({
      cert,
      key,
      tickets: "stateless",
      configure: [["NumTickets", "20"]],
    });
    using client = new TlsContext({ caCerts: [cert] });
    const { here, there } = newLine();
    // A few tickets at a time: no more than 16 can come at once.
    const readable = here.readable.pipeThrough(slices());
    const line = { here: { ...here, readable }, there };
    const sockets = await openSockets(server, client, { line });
    await sockets.server.closeWrite();
    assertEquals(await sockets.client.read(new Uint8Array(1)), null);
    const kept = await Array.fromAsync(sockets.client.sessions);
    assertEquals(kept.length, 16);
    await closeAll(sockets);
  });
});
