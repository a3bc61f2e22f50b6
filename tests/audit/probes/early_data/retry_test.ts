/** Early data before and after a HelloRetryRequest. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { verdictsOf } from "../../findings_of.ts";
import { helloFront } from "../../wrong/hello_front.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import { hasEarlyData, hasRareShare, stumbling } from "./flights.ts";
import { eager, probed } from "./servers.ts";

describe("Probes of early data and second hellos", () => {
  it("hello-retry-request: fails if early data isn't skipped", async () => {
    using server = new LibsslServer(eager({
      onBytes: (bytes) => hasRareShare(bytes) ? stumbling(bytes) : bytes,
    }));
    const { verdict, severity } = await probed("hello-retry-request", [server]);
    assertEquals([verdict, severity], ["fail", "medium"]);
  });

  it("hello-retry-request: fails if early data is answered", async () => {
    const retried = new WeakSet<object>();
    using server = new LibsslServer(eager({
      onBytes(bytes, connection): Uint8Array {
        if (hasRareShare(bytes) && hasEarlyData(bytes)) retried.add(connection);
        return bytes;
      },
      onOpen: (connection) =>
        retried.has(connection)
          ? new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n")
          : undefined,
    }));
    const { verdict, severity } = await probed("hello-retry-request", [server]);
    assertEquals([verdict, severity], ["fail", "high"]);
  });

  it("second-hello: fails if a server goes on", async () => {
    using server = new LibsslServer(eager());
    const front = helloFront(server, { refused: (_, n) => n === 1 ? 0 : null });
    const found = await verdictsOf(front, "early-data/second-hello");
    assertEquals(found, { "tls1.3": "fail" });
  });
});
