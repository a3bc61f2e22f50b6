import {
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsError } from "@sesame/tls";
import { NOTHING_LEFT, settle } from "../../support/sockets.ts";
import {
  assertEchoes,
  connectTcp,
  echo,
  HOSTNAME,
  listen,
} from "../../support/listeners.ts";

describe("A listener keeps serving", NOTHING_LEFT, () => {
  /** What bad clients do. */
  const clients: Record<string, (conn: Deno.TcpConn) => Promise<void>> = {
    "a port scanner": async (conn) => {
      await Promise.resolve(conn.close());
    },
    "a plain HTTP client": async (conn) => {
      const request = `GET / HTTP/1.1\r\nHost: ${HOSTNAME}\r\n\r\n`;
      await conn.write(new TextEncoder().encode(request));
      await new Response(conn.readable).bytes();
    },
    "garbage": async (conn) => {
      await conn.write(new Uint8Array(5_000).fill(0xa5));
      await new Response(conn.readable).bytes().catch(() => {});
    },
    "half a hello": async (conn) => {
      await conn.write(Uint8Array.of(22, 3, 1, 2, 0, 1, 0));
      conn.close();
    },
    "a half-open client": async (conn) => {
      await conn.closeWrite();
      await new Response(conn.readable).bytes();
    },
    "a client that resets": async (conn) => {
      await conn.write(Uint8Array.of(22, 3, 1, 0, 4, 2, 0, 0, 0));
      await settle();
      conn.close(); // with the alert unread: that is a reset
    },
    "a stalled client": async (conn) => {
      await conn.write(Uint8Array.of(22, 3, 1));
      await new Response(conn.readable).bytes();
    },
  };
  for (const [who, act] of Object.entries(clients)) {
    it(`after ${who}, and reports it once`, async () => {
      const { listener, reports, reported } = listen({
        handshakeTimeout: 1_000,
      });
      const loop = echo(listener);
      const report = reported();
      const conn = await connectTcp(listener);
      const { port } = conn.localAddr;
      await Promise.all([act(conn), assertEchoes(listener)]);
      await report;
      await assertEchoes(listener);
      assertEquals(reports.length, 1);
      assertInstanceOf(reports[0]?.[0], TlsError);
      assertEquals(reports[0]?.[1], `${HOSTNAME}:${port}`);
      listener.close();
      await loop;
      // A connection that failed is given back a moment later.
      await settle();
    });
  }

  it("while a hundred others stall, none of them longer than the deadline", async () => {
    const { listener, reports } = listen({ handshakeTimeout: 1_000 });
    const loop = echo(listener);
    const conns = await Promise.all(
      Array.from({ length: 100 }, () => connectTcp(listener)),
    );
    await assertEchoes(listener);
    assertLess(reports.length, 100, "they stalled all the while");
    for (const conn of conns) {
      assertEquals(await conn.read(new Uint8Array(1)), null);
      conn.close();
    }
    assertEquals(reports.length, 100);
    for (const [error] of reports) {
      assertEquals((error as TlsError).code, "timeout");
    }
    listener.close();
    await loop;
  });

  it("by ending the oldest handshake where there are too many", async () => {
    const { listener, reports } = listen({ maxHandshakes: 2 });
    const loop = echo(listener);
    const [oldest, second] = [
      await connectTcp(listener),
      await connectTcp(listener),
    ];
    await assertEchoes(listener);
    assertEquals(await oldest?.read(new Uint8Array(1)), null);
    assertEquals(reports.length, 1);
    assertStringIncludes(
      String(reports[0]?.[0]),
      "there were 2 of them already",
    );
    listener.close();
    await loop;
    assertEquals(await second?.read(new Uint8Array(1)), null);
    oldest?.close();
    second?.close();
  });

  it("where its listener of errors throws", async () => {
    const { error } = console;
    const printed: unknown[][] = [];
    console.error = (...line): void => void printed.push(line);
    const { listener } = listen({
      onConnectionError: () => {
        throw new Error("a bug");
      },
    });
    const loop = echo(listener);
    const conn = await connectTcp(listener);
    conn.close();
    await assertEchoes(listener);
    console.error = error;
    assertEquals(printed.length, 1);
    listener.close();
    await loop;
  });
});
