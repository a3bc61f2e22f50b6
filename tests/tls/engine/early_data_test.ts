import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type TlsContext,
  type TlsContextOptions,
  TlsEngine,
  TlsError,
  TlsSession,
} from "@sesame/tls";
import { exchange } from "../../support/engines.ts";
import { Gate, honest, later } from "../../support/probed_store.ts";
import {
  decode,
  encode,
  SANITIZED,
  settle,
  Site,
  visitOf,
} from "../../support/site.ts";

const REQUEST = encode("GET / early");

/** A server that lets early data in. */
function eager(site: Site, options: TlsContextOptions = {}): TlsContext {
  return site.server({ singleUse: true, maxEarlyData: 16_384, ...options });
}

/** A client's first flight, with early data. */
function firstFlight(
  site: Site,
  server: TlsContext,
  session: TlsSession,
): Uint8Array {
  using ends = site.ends(server, { session, earlyData: REQUEST });
  return ends.client.send();
}

describe("Early data", SANITIZED, () => {
  for (const [how, handle] of [["sync", honest], ["async", later]] as const) {
    it(`is read apart from the rest, before the handshake is done (${how})`, async () => {
      using site = new Site();
      const server = eager(site);
      const session = await site.session(server);
      assertEquals(session.maxEarlyData, 16_384);
      site.store.handle = handle;

      using ends = site.ends(server, { session, earlyData: REQUEST });
      ends.client.write(encode("the rest"));
      ends.server.receive(ends.client.send());
      await ends.server.pending;
      assertEquals(ends.server.state, "handshaking");
      assertEquals(decode(ends.server.readEarlyData()), "GET / early");
      await settle(ends);
      const { resumption } = visitOf(ends);
      assertEquals(resumption, { resumed: true, from: "store" });
      assertEquals(ends.client.info?.earlyData, "accepted");
      assertEquals(ends.server.info?.earlyData, "accepted");
      assertEquals(ends.server.readEarlyData().length, 0);
      assertEquals(decode(ends.server.read()), "the rest");
    });

    it(`of one session is accepted once across two instances (${how})`, async () => {
      using site = new Site();
      site.store.handle = handle;
      const servers = [eager(site), eager(site, { openssl: site.instance() })];
      for (const order of [[0, 1], [1, 0]]) {
        const [one, two] = order.map((i) => servers[i]);
        assert(one && two);
        const session = await site.session(one);
        const visit = { session, earlyData: REQUEST };
        using first = await site.visit(one, visit);
        assertEquals(first.server.info?.earlyData, "accepted");
        using second = await site.visit(two, visit);
        assertEquals(second.resumption, {
          resumed: false,
          reason: "unknown-id",
        });
        assertEquals(second.server.info?.earlyData, "rejected");
        assertEquals(second.client.info?.earlyData, "rejected");
        assertEquals(second.server.readEarlyData().length, 0);
        // It is for the client to say it again.
        second.client.write(REQUEST);
        exchange(second);
        assertEquals(decode(second.server.read()), "GET / early");
      }
    });

    it(`of a captured first flight isn't read by whom it is replayed to (${how})`, async () => {
      using site = new Site();
      const servers = [eager(site), eager(site, { openssl: site.instance() })];
      const [honestServer] = servers;
      assert(honestServer);
      const session = await site.session(honestServer);
      const flight = firstFlight(site, honestServer, session);
      const gate = new Gate("take");
      site.store.handle = handle === later ? gate.handle : honest;
      const engines = [...servers, ...servers].map((server) =>
        new TlsEngine(server, { role: "server" })
      );
      for (const engine of engines) engine.receive(flight);
      gate.open();
      await Promise.all(engines.map(({ pending }) => pending));
      assertEquals(
        engines.map((engine) => decode(engine.readEarlyData())).sort(),
        ["", "", "", "GET / early"],
      );
      for (const engine of engines) {
        // An attacker has no keys: neither handshake comes to an end.
        engine.receive(flight.subarray(0, 3));
        assertEquals(engine.state, "handshaking");
        assertEquals(engine.read().length, 0);
        engine[Symbol.dispose]();
      }
      assertEquals(site.failures, []);
    });
  }

  it("of several records comes as it was", async () => {
    using site = new Site();
    const server = eager(site, { maxEarlyData: 100_000 });
    for (const length of [100_000, 16_384, 8192, 1, 0]) {
      const session = await site.session(server);
      const earlyData = new Uint8Array(length).map((_, i) => i % 251);
      using visit = await site.visit(server, { session, earlyData });
      assertEquals(visit.client.info?.earlyData, "accepted");
      assertEquals(visit.server.readEarlyData(), earlyData);
    }
  });

  it("is none where there is none", async () => {
    using site = new Site();
    const server = eager(site);
    const session = await site.session(server);
    using visit = await site.visit(server, { session });
    assertEquals(visit.resumption.resumed, true);
    assertEquals(visit.server.info?.earlyData, "none");
    assertEquals(visit.client.info?.earlyData, "none");
    assertEquals(visit.server.readEarlyData().length, 0);
  });

  const refusing: [string, TlsContextOptions, TlsContextOptions][] = [
    [
      "through a HelloRetryRequest",
      { configure: [["Groups", "P-384/X25519"]] },
      {
        configure: [["Groups", "X25519:P-384"]],
      },
    ],
    ["by a server that prefers another cipher suite", {
      configure: [[
        "Ciphersuites",
        "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256",
      ]],
    }, {}],
    ["by a server that allows it no more", { maxEarlyData: 0 }, {}],
    ["by a server whose sessions can be used twice", {
      maxEarlyData: 0,
      singleUse: false,
    }, {}],
  ];
  for (const [how, options, client] of refusing) {
    it(`is rejected ${how}, and the handshake goes on`, async () => {
      using site = new Site();
      const session = await site.session(
        eager(site, { configure: [["Groups", "X25519"]] }),
      );
      const server = eager(site, options);
      using visit = await site.visit(server, {
        session,
        earlyData: REQUEST,
        client,
      });
      assertEquals(visit.resumption, { resumed: true, from: "store" });
      assertEquals(visit.client.info?.earlyData, "rejected");
      assertEquals(visit.server.readEarlyData().length, 0);
      assertEquals(visit.server.read().length, 0);
    });
  }

  it("is rejected where the store fails, and the handshake is full", async () => {
    using site = new Site();
    const server = eager(site, { lookupTimeout: 10 });
    const session = await site.session(server);
    site.store.handle = ({ operation }, act) =>
      operation === "take" ? new Promise(() => {}) : act();
    using visit = await site.visit(server, { session, earlyData: REQUEST });
    assertEquals(visit.resumption, { resumed: false, reason: "deadline" });
    assertEquals(visit.client.info?.earlyData, "rejected");
    assertEquals(visit.server.readEarlyData().length, 0);
  });

  it("that is too old may be a replay: rejected, though the session resumes", async () => {
    using site = new Site();
    const server = eager(site);
    const session = await site.session(server);
    const flight = firstFlight(site, server, session);
    site.time += 60_000;
    using engine = new TlsEngine(server, { role: "server" });
    engine.receive(flight);
    assertEquals(engine.readEarlyData().length, 0);
    assertEquals(engine.state, "handshaking");
  });

  it("that is more than the session allows isn't sent", async () => {
    using site = new Site();
    const server = eager(site, { maxEarlyData: 10 });
    const session = await site.session(server);
    assertThrows(
      () => site.ends(server, { session, earlyData: new Uint8Array(11) }),
      RangeError,
      "at most 10 bytes, received 11",
    );
  });

  it("that is more than the server allows ends the connection", async () => {
    using site = new Site();
    const server = eager(site, { maxEarlyData: 10 });
    const { libssl } = site.openssl;
    const der = (await site.session(server)).toBytes();
    const handle = libssl.d2i_SSL_SESSION(der);
    assert(handle);
    libssl.SSL_SESSION_set_max_early_data(handle, 1000);
    const bold = libssl.i2d_SSL_SESSION(handle);
    assert(bold);
    const session = TlsSession.fromBytes(bold);
    using ends = site.ends(server, { session, earlyData: new Uint8Array(11) });
    const error = assertThrows(() => exchange(ends), TlsError);
    assertEquals(error.code, "handshake");
    assert(error.message.includes("too much early data"), error.message);
    assertEquals(ends.server.readEarlyData().length, 0);
  });
});

describe("Early data of a session", SANITIZED, () => {
  it("that allows none is refused, however little it is", async () => {
    using site = new Site();
    const session = await site.session(site.context());
    assertEquals(session.maxEarlyData, 0);
    for (const earlyData of [REQUEST, new Uint8Array()]) {
      assertThrows(
        () => site.ends(site.context(), { session, earlyData }),
        TypeError,
        "options.earlyData needs options.session with a session that allows it",
      );
    }
  });

  it("that has expired isn't sent, and counts as rejected", async () => {
    using site = new Site();
    const server = eager(site);
    const session = await site.session(server);
    // To OpenSSL the last second of a lifetime counts.
    site.time = session.expiresAt.getTime() + 1000;
    using ends = site.ends(server, { session, earlyData: REQUEST });
    await settle(ends);
    const expired = { resumed: false, reason: "expired" } as const;
    assertEquals(ends.client.resumption, expired);
    assertEquals(ends.client.info?.earlyData, "rejected");
    assertEquals(ends.server.readEarlyData().length, 0);
  });
});

describe(
  "Early data after a change of the application protocol",
  SANITIZED,
  () => {
    it("goes by the protocol of the connection that gave the session", async () => {
      using site = new Site();
      const server = eager(site, { alpnProtocols: ["h2", "http/1.1"] });
      const session = await site.session(server, {
        client: { alpnProtocols: ["h2"] },
      });
      const client = { alpnProtocols: ["http/1.1"] };
      using resumed = await site.visit(server, { session, client });
      assertEquals(resumed.resumption.resumed, true);
      assertEquals(resumed.client.info?.alpnProtocol, "http/1.1");
      const successor = resumed.client.session;
      assert(successor);
      using ends = site.ends(server, {
        session: successor,
        client,
        earlyData: REQUEST,
      });
      await settle(ends);
      assertEquals(ends.server.info?.earlyData, "accepted");
      assertEquals(decode(ends.server.readEarlyData()), "GET / early");
    });
  },
);
