import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type TlsContextOptions,
  TlsEngine,
  TlsError,
  TlsSession,
} from "@sesame/tls";
import { connections } from "../../../src/tls/engine/connection.ts";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { certificate } from "../../support/engines.ts";
import { RawClient } from "../../support/raw_client.ts";
import { SANITIZED, settle, Site, VERSIONS } from "../../support/site.ts";

const BY_TICKET = { resumed: true, from: "ticket" } as const;
const INTERNAL = { resumed: true, from: "internal" } as const;
const NONE = { resumed: false, reason: "none-offered" } as const;
const REJECTED = { resumed: false, reason: "ticket-rejected" } as const;

const key = (byte: number): Uint8Array => new Uint8Array(80).fill(byte);

/** Whether some bytes have others in them. */
function includes(haystack: Uint8Array, needle: Uint8Array): boolean {
  return haystack.some((_, at) =>
    needle.every((byte, i) => haystack[at + i] === byte)
  );
}

for (const version of VERSIONS) {
  describe(`Stateless ${version} tickets`, SANITIZED, () => {
    it("resume wherever their key is known, and nowhere else", async () => {
      using site = new Site();
      const options = { ticketKeys: [key(1)] };
      const session = await site.session(site.context(options), { version });
      const node = site.context({ ...options, openssl: site.instance() });
      assertEquals(await site.resume(node, { version, session }), BY_TICKET);
      for (const other of [{ ticketKeys: [key(2)] }, {}]) {
        const server = site.context(other);
        assertEquals(await site.resume(server, { version, session }), REJECTED);
      }
    });

    it("are renewed by the first key, for as long as the others accept them", async () => {
      using site = new Site();
      const [before, during, after] = [[key(1)], [key(2), key(1)], [key(2)]]
        .map((ticketKeys) => site.context({ ticketKeys }));
      assert(before && during && after);
      const session = await site.session(before, { version });
      assert(includes(session.toBytes(), key(1).subarray(0, 16)));
      assertEquals(await site.resume(after, { version, session }), REJECTED);

      using visit = await site.visit(during, { version, session });
      assertEquals(visit.resumption, BY_TICKET);
      const given = visit.client.takeSessions();
      assertEquals(given.length, 1);
      for (const renewed of given) {
        assert(includes(renewed.toBytes(), key(2).subarray(0, 16)));
        const options = { version, session: renewed };
        assertEquals(await site.resume(after, options), BY_TICKET);
        assertEquals(await site.resume(before, options), REJECTED);
      }
    });

    it("of the first key are renewed in TLS 1.3 alone", async () => {
      using site = new Site();
      const server = site.context({ ticketKeys: [key(1), key(2)] });
      const session = await site.session(server, { version });
      using visit = await site.visit(server, { version, session });
      assertEquals(visit.resumption, BY_TICKET);
      assertEquals(visit.client.session !== null, version === "TLSv1.3");
    });

    it("expire", async () => {
      using site = new Site();
      const server = site.context({
        ticketKeys: [key(1)],
        sessionTimeout: 60,
      });
      const session = await site.session(server, { version });
      site.time += 59_000;
      assertEquals(await site.resume(server, { version, session }), BY_TICKET);
      site.time += 2_000;
      assertEquals(
        (await site.resume(server, { version, session })).resumed,
        false,
      );
    });

    it("that were tampered with are rejected", async () => {
      using site = new Site();
      const ticketKeys = [key(1)];
      const session = await site.session(site.context({ ticketKeys }), {
        version,
      });
      // The name is known, and neither the HMAC nor the AES key is.
      const forger = key(1);
      forger.fill(9, 16);
      const server = site.context({ ticketKeys: [forger] });
      assertEquals(await site.resume(server, { version, session }), REJECTED);
    });

    it("aren't missed by a client that has none", async () => {
      using site = new Site();
      // A client that could do TLS 1.3 has a random session id all the same.
      const server = site.context({ maxVersion: version });
      assertEquals(await site.resume(server), NONE);
    });
  });

  describe(`Tickets "off" over ${version}`, SANITIZED, () => {
    it("give the client nothing, and take nothing from it", async () => {
      using site = new Site();
      const off = site.context({ tickets: "off" });
      using visit = await site.visit(off, { version });
      assertEquals(visit.resumption, NONE);
      assertEquals(visit.client.session, null);
      for (const server of [site.context(), site.server()]) {
        const session = await site.session(server, { version });
        assertEquals(
          await site.resume(off, { version, session }),
          { resumed: false, reason: "disabled" },
        );
      }
    });
  });

  describe(`Stateful ${version} tickets without a store`, SANITIZED, () => {
    it("resume from the context's memory, and from no other's", async () => {
      using site = new Site();
      const server = site.context({ tickets: "stateful" });
      const session = await site.session(server, { version });
      assertEquals(await site.resume(server, { version, session }), INTERNAL);
      const other = site.context({ tickets: "stateful" });
      assertEquals(
        await site.resume(other, { version, session }),
        { resumed: false, reason: "unknown-id" },
      );
    });

    it("aren't what the context was given as a client", async () => {
      using site = new Site();
      const both = site.context({
        tickets: "stateful",
        maxVersion: version,
        clientAuth: "require",
        caCerts: [certificate.cert],
      });
      // A server that it visits knows the session, and comes back with it.
      const stranger = site.server({ sessionIdContext: "stranger" });
      using _visit = await site.visitAs(both, stranger);
      const record = site.store.inner.get(
        site.store.of("set")[0]?.id ?? key(0),
      );
      assert(record);
      using server = new TlsEngine(both, { role: "server" });
      using client = new RawClient(site.openssl, {
        session: record.subarray(10 + (record[9] ?? 0)),
      });
      const error = assertThrows(() => {
        for (let i = 0; i < 3; i++) server.receive(client.next(server.send()));
      }, TlsError);
      assertEquals(error.reason, "peer did not return a certificate");
    });
  });
}

describe("A TLS 1.3 ticket with a lifetime of 0", SANITIZED, () => {
  it("is discarded, and not proposed if it was kept elsewhere", async () => {
    using site = new Site();
    const server = site.server();
    using ends = site.ends(server);
    const { libssl, ssl } = connections.get(ends.server);
    const ctx = libssl.SSL_get_SSL_CTX(ssl);
    assert(ctx);
    libssl.SSL_CTX_set_timeout(ctx, 0);
    await settle(ends);
    assertEquals(ends.client.state, "open");
    assertEquals(ends.client.takeSessions(), []);
    const session = libssl.SSL_get_session(connections.get(ends.client).ssl);
    assert(session);
    const der = libssl.i2d_SSL_SESSION(session);
    assert(der);
    using again = await site.visit(server, {
      session: TlsSession.fromBytes(der, site.openssl),
    });
    const expired = { resumed: false, reason: "expired" } as const;
    assertEquals(again.client.resumption, expired);
  });
});

describe("A context refuses ticket keys", () => {
  const cases: [string, unknown, typeof TypeError | typeof RangeError][] = [
    ["of another size", { ticketKeys: [new Uint8Array(48)] }, RangeError],
    ["of another size among good ones", {
      ticketKeys: [key(1), new Uint8Array(81)],
    }, RangeError],
    ["that are none", { ticketKeys: [] }, RangeError],
    ["that aren't bytes", { ticketKeys: ["x".repeat(80)] }, TypeError],
    ["that aren't a list", { ticketKeys: "x".repeat(80) }, TypeError],
    ["with stateful tickets", {
      tickets: "stateful",
      ticketKeys: [key(1)],
    }, TypeError],
    ["without tickets", { tickets: "off", ticketKeys: [key(1)] }, TypeError],
    ["with a store", {
      sessions: new MemorySessionStore(),
      ticketKeys: [key(1)],
    }, TypeError],
  ];
  for (const [what, options, type] of cases) {
    it(what, () => {
      using site = new Site();
      assertThrows(
        () => site.context(options as TlsContextOptions),
        type,
        "options.ticketKeys",
      );
    });
  }

  it("and a store with tickets that don't need it", () => {
    using site = new Site();
    for (const tickets of ["stateless", "off"] as const) {
      assertThrows(
        () => site.server({ tickets }),
        TypeError,
        "options.sessions",
      );
    }
    assertThrows(
      () => site.context({ tickets: "none" as "off" }),
      TypeError,
      "options.tickets must be",
    );
  });
});
