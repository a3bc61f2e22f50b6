/** An open connection that waits has a small BIO pair: what it takes, and that all passes through it. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL, TlsContext } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestCertificate } from "@sesame/tls/testing";
import {
  certificate,
  connected,
  contextOf,
  type Ends,
  exchange,
} from "../../support/engines.ts";

/** An idle server takes 14.7 KB. The handshake's BIO pair would be 7 KB more. */
const MAX_IDLE_BYTES = 17_000;
const CONNECTIONS = 8;
/** Around the sizes of the pair, of a record and of a run. */
const SIZES = [1, 400, 447, 448, 449, 512, 1_000, 4_095, 4_097, 20_000, 90_000];

describe("A connection that is open and idle", () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`takes little memory (${maxVersion})`, () => {
      const openssl = new OpenSSL();
      // Without a store, OpenSSL's own cache would grow with the sessions.
      const sessions = new MemorySessionStore();
      using server = contextOf({ openssl, sessions, maxVersion });
      using client = contextOf();
      using _first = connected(server, client);
      const before = openssl.memory.used;
      const all: Ends[] = [];
      for (let i = 0; i < CONNECTIONS; i++) {
        const ends = connected(server, client);
        ends.client.write(new Uint8Array(90_000));
        exchange(ends);
        assertEquals(ends.server.read().length, 90_000);
        all.push(ends);
      }
      const each = (openssl.memory.used - before) / CONNECTIONS;
      for (const ends of all) ends[Symbol.dispose]();
      assert(each < MAX_IDLE_BYTES, `${each} bytes`);
    });

    it(`passes data of any size (${maxVersion})`, () => {
      using context = contextOf({ maxVersion });
      using ends = connected(context);
      for (const size of [...SIZES, ...SIZES.toReversed()]) {
        const data = new Uint8Array(size).map((_, i) => i * 7 + size);
        for (
          const [from, to] of [
            [ends.client, ends.server],
            [ends.server, ends.client],
          ] as const
        ) {
          from.write(data);
          exchange(ends);
          assertEquals(to.read(), data);
        }
      }
    });
  }

  it("passes data that comes in parts", () => {
    using ends = connected(contextOf());
    const data = new Uint8Array(40_000).map((_, i) => i);
    ends.client.write(data);
    const wire = ends.client.send();
    const received: number[] = [];
    let part = 1;
    for (let at = 0; at < wire.length; at += part) {
      part += 13;
      ends.server.receive(wire.slice(at, at + part));
      received.push(...ends.server.read());
    }
    assertEquals(new Uint8Array(received), data);
  });

  it("asks for a certificate with more names of CAs than the pair holds", async () => {
    const caCerts = Array.from(
      { length: 60 },
      (_, i) =>
        createTestCertificate({ hosts: [`${i}.${"long".repeat(12)}.test`] })
          .cert,
    );
    using server = new TlsContext({
      ...certificate,
      caCerts: [certificate.cert, ...caCerts],
      postHandshakeAuth: true,
    });
    using client = contextOf({ postHandshakeAuth: true });
    using ends = connected(server, client);
    const answer = ends.server.requestCertificate();
    exchange(ends);
    assertEquals((await answer)?.subject, "CN=localhost");
  });
});
