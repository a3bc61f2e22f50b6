/** The hello of a renegotiation is a hello: its session is looked up as any other's. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { SessionStore, TlsContextOptions, TlsEngine } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { connections } from "../../../src/tls/engine/connection.ts";
import { decodeSessionRecord } from "../../../src/tls/sessions/session_record.ts";
import {
  connected,
  contextOf,
  type Ends,
  exchange,
} from "../../support/engines.ts";
import { countOf, wipedDuring } from "../../support/wiped.ts";
import { AsyncStore } from "../../testdata/async_store.ts";

const OPTIONS: TlsContextOptions = {
  maxVersion: "TLSv1.2",
  configure: [["Options", "ClientRenegotiation"]],
};

describe("A session that is proposed in a renegotiation", () => {
  const stores: Record<string, () => SessionStore> = {
    "a store": () => new MemorySessionStore(),
    "a store of promises": () => new AsyncStore(new MemorySessionStore()),
  };
  for (const [name, storeOf] of Object.entries(stores)) {
    for (const clientAuth of ["none", "require"] as const) {
      it(`is looked up in ${name} and resumed (clientAuth ${clientAuth})`, async () => {
        using context = contextOf({
          ...OPTIONS,
          clientAuth,
          sessions: storeOf(),
        });
        using ends = connected(context, contextOf(OPTIONS));
        await settle(ends);
        assertEquals(ends.server.resumption?.resumed, false);
        askToRenegotiate(ends.server);
        await settle(ends);
        assert(isReused(ends.server) && isReused(ends.client));
        assertEquals(context.stats.lookups, 1);
        ends.client.write(new Uint8Array(3));
        await settle(ends);
        assertEquals(ends.server.read().length, 3);
      });
    }
  }

  it("is negotiated anew when the store has lost it", async () => {
    const sessions = new MemorySessionStore();
    using context = contextOf({ ...OPTIONS, sessions });
    using ends = connected(context, contextOf(OPTIONS));
    for await (const { id } of sessions.entries()) {
      sessions.delete(id, "revoked");
    }
    askToRenegotiate(ends.server);
    await settle(ends);
    assertEquals(isReused(ends.server), false);
    assertEquals([ends.server.state, sessions.size], ["open", 1]);
  });

  it("is wiped once it was given to OpenSSL", async () => {
    const sessions = new MemorySessionStore();
    using context = contextOf({ ...OPTIONS, sessions });
    using ends = connected(context, contextOf(OPTIONS));
    const [entry] = await Array.fromAsync(sessions.entries());
    assert(entry);
    const record = decodeSessionRecord(sessions.get(entry.id) ?? entry.id);
    assert(typeof record === "object");
    const wiped = await wipedDuring(() => {
      askToRenegotiate(ends.server);
      return settle(ends);
    });
    assert(isReused(ends.server));
    assertEquals(countOf(wiped, record.der), 1);
  });
});

describe("A renegotiation that close_notify leaves undone", () => {
  it("hears nothing of what comes after it, though there is more to write", () => {
    using ends = connected(contextOf(OPTIONS));
    askToRenegotiate(ends.server);
    const request = ends.server.send();
    ends.server.close();
    const end = ends.server.send();
    ends.client.receive(request);
    ends.client.receive(end);
    assertEquals(ends.client.peerClosed, true);
    ends.client.write(new Uint8Array(100_000));
    ends.client.receive(new Uint8Array(5).fill(0x17));
    assertEquals([ends.client.state, ends.client.error], ["open", null]);
  });
});

/** Has a server send a HelloRequest: a client answers with a hello that proposes its session. */
function askToRenegotiate(server: TlsEngine): void {
  const { libssl, ssl, collect } = connections.get(server);
  libssl.SSL_renegotiate(ssl);
  libssl.SSL_do_handshake(ssl);
  collect.call(connections.get(server));
}

async function settle(ends: Ends): Promise<void> {
  exchange(ends);
  while (ends.server.pending) {
    await ends.server.pending;
    exchange(ends);
  }
}

function isReused(engine: TlsEngine): boolean {
  const { libssl, ssl } = connections.get(engine);
  return libssl.SSL_session_reused(ssl) === 1;
}
