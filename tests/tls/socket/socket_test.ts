import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsError, type TlsSession } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { AsyncStore } from "../../testdata/async_store.ts";
import { contextOf } from "../../support/engines.ts";
import {
  closeAll,
  hear,
  hearAll,
  NOTHING_LEFT,
  openSockets,
  say,
  socketsOf,
} from "../../support/sockets.ts";

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;
const MEGABYTE = new Uint8Array(1_000_000).map((_, i) => i % 251);

for (const version of VERSIONS) {
  describe(`TlsSocket over ${version}`, NOTHING_LEFT, () => {
    it("opens with what was negotiated, and whether it resumed", async () => {
      using context = contextOf({
        maxVersion: version,
        alpnProtocols: ["h2"],
      });
      const { client, server } = await openSockets(context);
      assertEquals(server.info?.protocol, version);
      assertEquals(server.info?.alpnProtocol, "h2");
      assertEquals(server.info?.serverName, "localhost");
      assertEquals(server.info?.remoteAddress, null);
      assertStrictEquals(await client.opened, client.info);
      assertEquals(client.info?.peerCertificate?.subject, "CN=localhost");
      assertEquals(client.resumption, {
        resumed: false,
        reason: "none-offered",
      });
      await closeAll({ client, server });
    });

    it("echoes a megabyte, and ends in good order", async () => {
      using context = contextOf({ maxVersion: version });
      const { client, server } = socketsOf(context);
      const echo = server.readable.pipeTo(server.writable);
      const heard = hearAll(client);
      const writer = client.writable.getWriter();
      await writer.write(MEGABYTE);
      await writer.close();
      assertEquals(await heard, MEGABYTE);
      await Promise.all([echo, client.closed, server.closed]);
    });

    it("resumes by a session that came through its stream", async () => {
      using context = contextOf({ maxVersion: version });
      const first = socketsOf(context);
      const reader = first.client.sessions.getReader();
      const { value: session } = await reader.read();
      assert(session);
      await closeAll(first);

      const second = await openSockets(context, context, {
        client: { session },
      });
      assertEquals(second.client.info?.resumed, true);
      assertEquals(second.server.resumption?.resumed, true);
      await closeAll(second);
    });

    it("gives no more sessions once the peer has said goodbye", async () => {
      using context = contextOf({ maxVersion: version });
      const ends = await openSockets(context, context);
      await ends.server.writable.getWriter().close();
      assertEquals(await hearAll(ends.client), new Uint8Array());
      const given = await Array.fromAsync(ends.client.sessions);
      // TLS 1.3 gives two tickets with a full handshake.
      assertEquals(given.length, version === "TLSv1.3" ? 2 : 1);
      await closeAll(ends);
    });

    it("waits for a store that answers later, in every direction", async () => {
      const wait = (): Promise<void> =>
        new Promise((resolve) => setTimeout(resolve, 5));
      using context = contextOf({
        maxVersion: version,
        sessions: new AsyncStore(new MemorySessionStore(), { wait }),
      });
      let session: TlsSession | undefined;
      for (const resumed of [false, true]) {
        const ends = socketsOf(context, context, {
          client: session ? { session } : {},
        });
        const heard = hear(ends.client);
        await say(ends.server, "held back, then sent");
        assertEquals(await heard, "held back, then sent");
        assertEquals(ends.server.info?.resumed, resumed);
        // In TLS 1.2 a session that was resumed goes on.
        session ??= (await ends.client.sessions.getReader().read()).value;
        await closeAll(ends);
      }
    });

    it("exports key material that both ends agree on", async () => {
      using context = contextOf({ maxVersion: version });
      const ends = await openSockets(context);
      const [one, other] = [ends.client, ends.server].map((end) =>
        end.exportKeyingMaterial(32, "EXPORTER-test")
      );
      assertEquals(one?.length, 32);
      assertEquals(one, other);
      await closeAll(ends);
      assertThrows(
        () => ends.client.exportKeyingMaterial(32, "EXPORTER-test"),
        TlsError,
        "closed",
      );
    });
  });
}

describe("TlsSocket", NOTHING_LEFT, () => {
  it("changes its keys while data flows", async () => {
    using context = contextOf();
    const ends = await openSockets(context);
    for (const text of ["old keys", "new keys"]) {
      const heard = hear(ends.server);
      await say(ends.client, text);
      assertEquals(await heard, text);
      ends.client.updateKeys();
    }
    await closeAll(ends);
  });

  it("gives early data apart from the rest", async () => {
    using context = contextOf({
      sessions: new MemorySessionStore(),
      singleUse: true,
      maxEarlyData: 1000,
    });
    const first = socketsOf(context);
    const { value: session } = await first.client.sessions.getReader().read();
    assert(session);
    assertEquals(
      await hearAll({ readable: first.server.earlyData }).then((b) => b.length),
      0,
    );
    await closeAll(first);

    const earlyData = new TextEncoder().encode("early");
    const second = socketsOf(context, context, {
      client: { session, earlyData },
    });
    assertEquals(await hear({ readable: second.server.earlyData }), "early");
    await say(second.client, "late");
    assertEquals(await hear(second.server), "late");
    assertEquals(second.client.info?.earlyData, "accepted");
    assertEquals(await hear({ readable: second.server.earlyData }), null);
    await closeAll(second);
  });

  it("reads into a buffer of the reader's", async () => {
    using context = contextOf();
    const ends = await openSockets(context);
    const reader = ends.client.readable.getReader({ mode: "byob" });
    const reading = reader.read(new Uint8Array(4));
    await say(ends.server, "abcdef");
    assertEquals(new TextDecoder().decode((await reading).value), "abcd");
    const rest = await reader.read(new Uint8Array(4));
    assertEquals(new TextDecoder().decode(rest.value), "ef");
    const last = reader.read(new Uint8Array(4));
    await ends.server.writable.close();
    assertEquals((await last).done, true);
    await closeAll(ends);
  });
});
