/** What can carry a connection's bytes. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TcpConnection } from "@sesame/tls";
import { addressesOf, checkCarrier } from "../../../src/tls/socket/carrier.ts";
import { newLine } from "../../support/sockets.ts";

/** All that a TCP connection must have: streams aren't of it. */
const TCP: TcpConnection = {
  localAddr: { hostname: "192.0.2.1", port: 1 },
  remoteAddr: { hostname: "2001:db8::1", port: 2 },
  read: () => Promise.resolve(null),
  write: (bytes) => Promise.resolve(bytes.length),
  closeWrite: () => Promise.resolve(),
  close(): void {},
  setNoDelay(): void {},
};

describe("What carries a connection", () => {
  it("is a TCP connection that has no streams, and has its addresses", () => {
    checkCarrier(TCP);
    assertEquals(addressesOf(TCP), {
      localAddress: "192.0.2.1:1",
      remoteAddress: "[2001:db8::1]:2",
    });
  });

  it("is two streams, with addresses if they have any", () => {
    const { here } = newLine();
    checkCarrier(here);
    assertEquals(addressesOf(here), {});
    const known = { remoteAddress: "192.0.2.1:1" };
    assertEquals(addressesOf({ ...here, ...known }), known);
  });

  it("is nothing of which a part is missing", () => {
    const { setNoDelay: _missing, ...conn } = TCP;
    assertThrows(
      () => checkCarrier(conn as TcpConnection),
      TypeError,
      "transport.readable must be a ReadableStream, received undefined",
    );
  });
});
