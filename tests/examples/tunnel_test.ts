/** The tunnel of examples/workers/server in Deno, whose hosts take WebSockets and no TCP either. */
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { startTls, TlsContext } from "../../mod.ts";
import { createTestCertificate } from "../../src/testing/mod.ts";
import { tunnelTransport } from "../../examples/workers/server/tunnel.ts";

/** A server of TLS over WebSockets, which echoes, until it is disposed of. */
function serveEcho(context: TlsContext): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      const tls = startTls(tunnelTransport(socket), {
        role: "server",
        context,
      });
      tls.readable.pipeTo(tls.writable).catch(() => {});
      return response;
    },
  );
}

describe("TLS over a WebSocket", () => {
  it("carries bytes both ways, and its end", async () => {
    const { cert, key } = createTestCertificate();
    using context = new TlsContext({ cert, key });
    using trust = new TlsContext({ caCerts: [cert] });
    await using server = serveEcho(context);
    const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}`);
    const tls = startTls(tunnelTransport(socket), {
      role: "client",
      hostname: "localhost",
      context: trust,
    });
    const data = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
    const written = new Blob([data]).stream().pipeTo(tls.writable);
    assertEquals(await new Response(tls.readable).bytes(), data);
    await written;
    await tls.closed;
  });

  it("takes no text", async () => {
    const { cert, key } = createTestCertificate();
    using context = new TlsContext({ cert, key });
    await using server = serveEcho(context);
    const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}`);
    socket.addEventListener("open", () => socket.send("GET /"));
    const { code, reason } = await new Promise<CloseEvent>((resolve) => {
      socket.addEventListener("close", resolve);
    });
    assertEquals([code, reason], [1003, "The tunnel takes binary messages"]);
  });

  it("fails where none opens", async () => {
    const { cert } = createTestCertificate();
    using context = new TlsContext({ caCerts: [cert] });
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const tls = startTls(
      tunnelTransport(new WebSocket(`ws://127.0.0.1:${port}`)),
      {
        role: "client",
        hostname: "localhost",
        context,
      },
    );
    await assertRejects(() => tls.opened);
    await tls.closed.catch(() => {});
  });
});
