import { assert, assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TlsContext, TlsSession } from "@sesame/tls";
import { type Ends, endsOf, exchange } from "../../support/engines.ts";
import { Gate, honest, turn } from "../../support/probed_store.ts";
import { SANITIZED, settle, Site, visitOf } from "../../support/site.ts";

const COUNT = 1000;
const FROM_STORE = { resumed: true, from: "store" } as const;
const FAST = { configure: [["Groups", "X25519"]] } as const;

/** Sessions of a server, each for one client. */
async function sessionsOf(
  server: TlsContext,
  client: TlsContext,
  count: number,
): Promise<TlsSession[]> {
  const sessions: TlsSession[] = [];
  while (sessions.length < count) {
    using ends = endsOf(server, client);
    await settle(ends);
    sessions.push(...ends.client.takeSessions());
  }
  return sessions;
}

describe(
  `${COUNT} handshakes that wait for the store in one instance`,
  SANITIZED,
  () => {
    it("delay no other, and all complete", async () => {
      using site = new Site();
      const server = site.server({ ...FAST, lookupTimeout: 60_000 });
      const client = site.client(FAST);
      const sessions = await sessionsOf(server, client, COUNT + 1);
      const { used, handles } = site.openssl.memory;
      const gate = new Gate("get");
      site.store.handle = gate.handle;

      const all = sessions.slice(1, COUNT + 1).map((session): Ends => {
        const ends = endsOf(server, client, { session });
        exchange(ends);
        assert(ends.server.pending !== null);
        return ends;
      });
      assertEquals(site.store.of("get").length, COUNT);
      assertEquals(new Set(site.store.ids("get")).size, COUNT);

      // One that asks nothing of the store, and one that the store answers.
      using full = await site.visit(server);
      assertEquals(full.resumption, { resumed: false, reason: "none-offered" });
      site.store.handle = honest;
      const [session] = sessions;
      assertEquals(await site.resume(server, { session }), FROM_STORE);
      await turn();
      for (const { server } of all) assertEquals(server.state, "handshaking");

      gate.open();
      for (const ends of all) {
        await settle(ends);
        using visit = visitOf(ends);
        assertEquals(visit.resumption, FROM_STORE);
      }
      full[Symbol.dispose]();
      assertEquals(server.stats.resumed.store, COUNT + 1);
      assertEquals(site.failures, []);
      // Two more contexts of clients, but nothing of a thousand connections.
      assertLess(site.openssl.memory.used - used, 50 * COUNT);
      assertLess(site.openssl.memory.handles - handles, 20);
    });

    it("leave nothing behind when their peers go away", async () => {
      using site = new Site();
      const server = site.server({ ...FAST, lookupTimeout: 60_000 });
      const client = site.client(FAST);
      const [session] = await sessionsOf(server, client, 1);
      assert(session);
      site.store.handle = new Gate("get").handle;
      const leave = (count: number): void => {
        for (let i = 0; i < count; i++) {
          using ends = endsOf(server, client, { session });
          exchange(ends);
          assert(ends.server.pending !== null);
        }
      };
      leave(10);
      const { used, handles } = site.openssl.memory;
      leave(COUNT);
      await turn();
      assertEquals(site.openssl.memory.handles, handles);
      assertLess(site.openssl.memory.used - used, 10 * COUNT);
      assert(site.store.of("get").every(({ signal }) => signal?.aborted));
      assertEquals(site.failures, []);
    });
  },
);
