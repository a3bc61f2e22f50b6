import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  OpenSSL,
  TlsContext,
  TlsEngine,
  TlsError,
} from "@sesame/tls";
import { certificate } from "../../support/engines.ts";
import { HOSTNAME, listen } from "../../support/listeners.ts";
import { failureOf, hear, NOTHING_LEFT, say } from "../../support/sockets.ts";

const { cert } = certificate;
/** How many bytes have a listener full after some connections. */
const ROOM = 1_000_000;

describe("An instance whose memory is nearly full", NOTHING_LEFT, () => {
  it("refuses new connections, and goes on with those that are open", async () => {
    const { used, total } = new OpenSSL().memory;
    const openssl = new OpenSSL({ maxMemory: Math.max(used + ROOM, total) });
    using context = new TlsContext({ ...certificate, openssl });
    using client = new TlsContext({ caCerts: [cert] });
    const { listener, reports } = listen({ context });
    const options = {
      hostname: HOSTNAME,
      port: listener.addr.port,
      context: client,
    };
    const open = [];
    const accepted = [];
    let failure: unknown;
    while (failure === undefined) {
      try {
        open.push(await connectTls(options));
        accepted.push(await listener.accept());
      } catch (error) {
        failure = error;
      }
    }
    assert(failure instanceof TlsError, String(failure));
    assert(open.length > 5);
    assertEquals(listener.stats.refused, 1);
    const [[error, from] = []] = reports;
    assertEquals((error as TlsError).code, "out-of-memory");
    assert(from?.startsWith(HOSTNAME));
    for (const [i, socket] of open.entries()) {
      await say(socket, "still here");
      const server = accepted[i];
      assert(server);
      assertEquals(await hear(server), "still here");
    }
    // There is room again when they have left.
    await Promise.all([...open, ...accepted].map((socket) => socket.close()));
    await new Promise((resolve) => setTimeout(resolve, 150));
    const again = await connectTls(options);
    const server = await listener.accept();
    await Promise.all([again.close(), server.close()]);
    listener.close();
    await failureOf(listener.accept());
  });

  it("refuses engines", () => {
    const openssl = new OpenSSL({ maxMemory: 1 });
    using context = new TlsContext({ ...certificate, openssl });
    const error = assertThrows(
      () => new TlsEngine(context, { role: "server" }),
      TlsError,
    );
    assertEquals(error.code, "out-of-memory");
  });

  it("is of a size", () => {
    assertThrows(() => new OpenSSL({ maxMemory: 0 }), RangeError, "maxMemory");
  });
});
