import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { startTls, type StartTlsOptions, type TlsTransport } from "@sesame/tls";
import { contextOf } from "../../support/engines.ts";
import {
  failureOf,
  hearAll,
  newLine,
  NOTHING_LEFT,
  openSockets,
} from "../../support/sockets.ts";

describe("startTls refuses", NOTHING_LEFT, () => {
  it("what isn't a transport or options, and leaves the transport alone", async () => {
    using context = contextOf();
    const { here } = newLine();
    const start = (
      options: Record<string, unknown>,
      transport: unknown = here,
    ) =>
    (): unknown =>
      startTls(
        transport as TlsTransport,
        { role: "server", context, ...options } as unknown as StartTlsOptions,
      );
    assertThrows(start({}, null), TypeError, "transport.readable");
    assertThrows(
      start({}, { readable: here.readable }),
      TypeError,
      "transport.writable",
    );
    assertThrows(start({ role: "proxy" }), TypeError, "proxy");
    assertThrows(start({ context: {} }), TypeError, "options.context");
    assertThrows(start({ role: "client" }), TypeError, "options.hostname");
    assertThrows(start({ signal: 1 }), TypeError, "options.signal");
    assertThrows(start({ timeout: 1 }), TypeError, "options.timeout is no");
    for (const handshakeTimeout of [0, 0.5, NaN, Infinity]) {
      assertThrows(
        start({ handshakeTimeout }),
        RangeError,
        "options.handshakeTimeout",
      );
    }
    assertEquals([here.readable.locked, here.writable.locked], [false, false]);
    here.readable.getReader();
    assertThrows(start({}), TypeError, "transport.readable must not be locked");
    await here.writable.abort();
  });

  it("a chunk that isn't bytes, which ends the connection", async () => {
    using context = contextOf();
    const ends = await openSockets(context);
    const writer = ends.client.writable.getWriter();
    const error = await failureOf(
      writer.write("text" as unknown as Uint8Array),
    );
    assertInstanceOf(error, TypeError);
    assertStrictEquals(await failureOf(ends.client.closed), error);
    await failureOf(hearAll(ends.server));
    await failureOf(ends.server.closed);
  });
});
