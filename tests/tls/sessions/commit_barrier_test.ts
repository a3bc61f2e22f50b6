import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type TlsContext, TlsError, type TlsVersion } from "@sesame/tls";
import { type Ends, exchange } from "../../support/engines.ts";
import { Gate, later, turn } from "../../support/probed_store.ts";
import {
  decode,
  encode,
  SANITIZED,
  settle,
  Site,
  tampered,
  VERSIONS,
  visitOf,
} from "../../support/site.ts";

const FROM_STORE = { resumed: true, from: "store" } as const;
const APPLICATION_DATA = 23;

/** Both ends, as far as they come while the store doesn't settle. */
function held(
  site: Site,
  server: TlsContext,
  version: TlsVersion,
): Ends & { gate: Gate } {
  const gate = new Gate("set");
  site.store.handle = gate.handle;
  const ends = site.ends(server, { version });
  exchange(ends);
  return { ...ends, gate };
}

for (const version of VERSIONS) {
  const writes = version === "TLSv1.3" ? 2 : 1;

  describe(
    `A ${version} session that the store doesn't have yet`,
    SANITIZED,
    () => {
      it("isn't told to the client: not a byte, and no session", async () => {
        using site = new Site();
        using ends = held(site, site.server(), version);
        const { client, server, gate } = ends;
        assertEquals(server.state, "open");
        assert(server.pending !== null);
        assertEquals(server.send().length, 0);
        assertEquals(client.session, null);
        // In TLS 1.3 the handshake is over without it; in TLS 1.2 it is part of it.
        assertEquals(
          client.state,
          version === "TLSv1.3" ? "open" : "handshaking",
        );
        assertEquals(site.store.of("set").length, writes);
        assertEquals(site.store.inner.size, 0);

        gate.open();
        await server.pending;
        assertEquals(server.pending, null);
        assertEquals(site.store.inner.size, writes);
        exchange(ends);
        const { session } = visitOf(ends);
        assertEquals(
          await site.resume(site.server(), { version, session }),
          FROM_STORE,
        );
        assertEquals(site.failures, []);
      });

      it("holds back what is written after it, in order", async () => {
        using site = new Site();
        using ends = held(site, site.server(), version);
        const { client, server, gate } = ends;
        const big = new Uint8Array(100_000).map((_, i) => i % 251);
        server.write(encode("first "));
        server.write(encode("second "));
        server.write(big);
        server.close();
        assertEquals(server.send().length, 0);
        assertEquals(client.read().length, 0);

        gate.open();
        await server.pending;
        exchange(ends);
        assert(client.session !== null);
        const data = client.read();
        assertEquals(decode(data.subarray(0, 13)), "first second ");
        assertEquals(data.subarray(13), big);
        assertEquals(client.peerClosed, true);
      });

      it("is never told of if the connection ends first", async () => {
        using site = new Site();
        using ends = held(site, site.server(), version);
        const { server, gate } = ends;
        const { pending } = server;
        server[Symbol.dispose]();
        gate.open();
        await pending;
        assertEquals(server.send().length, 0);
      });

      it("holds nothing back with commit background", async () => {
        using site = new Site();
        using ends = held(site, site.server({ commit: "background" }), version);
        const { client, server, gate } = ends;
        assertEquals(server.pending, null);
        assertEquals(client.state, "open");
        assert(client.session !== null);
        assertEquals(site.store.inner.size, 0);
        gate.open();
        await turn();
        assertEquals(site.store.inner.size, writes);
      });

      it("is told of after writeTimeout, and reported", async () => {
        using site = new Site();
        const context = site.server({ writeTimeout: 20 });
        using ends = held(site, context, version);
        assert(ends.server.pending !== null);
        assertEquals(ends.client.session, null);
        await ends.server.pending;
        exchange(ends);
        assert(ends.client.session !== null);
        assertEquals(visitOf(ends).resumption.resumed, false);

        assertEquals(site.failures.length, writes);
        for (const [operation, error] of site.failures) {
          assertEquals(operation, "set");
          assertInstanceOf(error, Error);
          assertEquals(error.name, "DeadlineError");
        }
        for (const { signal } of site.store.of("set")) {
          assertEquals(signal?.aborted, true);
        }
        assertEquals(context.stats.storeErrors, writes);
        assertEquals(context.stats.writes, writes);
      });

      it("is told of, and reported, when the store rejects it", async () => {
        using site = new Site();
        const context = site.server();
        site.store.handle = () => Promise.reject(new Error("disk full"));
        using visit = await site.visit(context, { version });
        assert(visit.client.session !== null);
        assertEquals(site.failures.length, writes);
        assertEquals(context.stats.storeErrors, writes);
      });
    },
  );
}

describe("The commit barrier", SANITIZED, () => {
  it("stands where the server shows its session in TLS 1.2: before its Finished", async () => {
    using site = new Site();
    const gate = new Gate("set");
    site.store.handle = gate.handle;
    using ends = site.ends(site.server(), { version: "TLSv1.2" });
    const { client, server } = ends;
    const types: (number | undefined)[] = [];
    for (let i = 0; i < 3; i++) {
      server.receive(client.send());
      const flight = server.send();
      types.push(flight[0]);
      client.receive(flight);
    }
    // ServerHello to ServerHelloDone, then neither ChangeCipherSpec nor Finished.
    assertEquals(types, [22, undefined, undefined]);
    gate.open();
    await server.pending;
    assertEquals(server.send()[0], 20);
  });

  it("waits for both tickets of TLS 1.3, whichever is stored first", async () => {
    for (const first of [0, 1]) {
      using site = new Site();
      const gates = [new Gate("set"), new Gate("set")];
      const waiting = [...gates];
      site.store.handle = (call, act) => waiting.shift()?.handle(call, act);
      using ends = site.ends(site.server());
      exchange(ends);
      const { pending } = ends.server;
      gates[first]?.open();
      await turn();
      assertEquals(site.store.inner.size, 1);
      assertEquals(ends.server.send().length, 0);
      assertEquals(ends.server.pending !== null, true);
      gates[1 - first]?.open();
      await pending;
      const flight = ends.server.send();
      assertEquals(flight[0], APPLICATION_DATA);
      ends.client.receive(flight);
      assertEquals(ends.client.takeSessions().length, 2);
    }
  });

  it("lets data in meanwhile", async () => {
    using site = new Site();
    const gate = new Gate("set");
    site.store.handle = gate.handle;
    using ends = site.ends(site.server());
    exchange(ends);
    ends.client.write(encode("question"));
    exchange(ends);
    assertEquals(decode(ends.server.read()), "question");
    gate.open();
    await settle(ends);
  });

  it("holds the new ticket of a resumed TLS 1.3 handshake, and there is none in TLS 1.2", async () => {
    for (const version of VERSIONS) {
      using site = new Site();
      using server = site.server();
      const session = await site.session(server, { version });
      const gate = new Gate("set");
      site.store.handle = gate.handle;
      using ends = site.ends(server, { version, session });
      exchange(ends);
      assertEquals(ends.server.pending !== null, version === "TLSv1.3");
      assertEquals(ends.client.state, "open");
      assertEquals(ends.client.session, null);
      gate.open();
      await settle(ends);
      assertEquals(ends.client.session !== null, version === "TLSv1.3");
    }
  });

  it("holds an alert back too", async () => {
    using site = new Site();
    site.store.handle = later;
    using ends = site.ends(site.server());
    exchange(ends);
    ends.client.write(encode("x"));
    const record = ends.client.send();
    assertThrows(() => ends.server.receive(tampered(record)), TlsError);
    assertEquals(ends.server.state, "failed");
    assertEquals(ends.server.send().length, 0);
    await ends.server.pending;
    assert(ends.server.send().length > 0);
  });
});
