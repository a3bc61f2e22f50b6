import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type {
  TlsContext,
  TlsContextOptions,
  TlsSession,
  TlsVersion,
} from "@sesame/tls";
import { offerIdentities } from "../../support/client_hello.ts";
import { type Ends, exchange } from "../../support/engines.ts";
import { Crossings } from "../../support/crossings.ts";
import { Gate, honest, later, turn } from "../../support/probed_store.ts";
import {
  SANITIZED,
  settle,
  Site,
  VERSIONS,
  visitOf,
} from "../../support/site.ts";

const FROM_STORE = { resumed: true, from: "store" } as const;

const junk = (length = 32): Uint8Array =>
  crypto.getRandomValues(new Uint8Array(length));
const list = (count: number): Uint8Array[] =>
  Array.from({ length: count }, () => junk());

/** What a store is asked on a hello with these identities. */
async function askedFor(
  site: Site,
  identities: Uint8Array[],
  options: TlsContextOptions = {},
): Promise<string[]> {
  const server = site.server(options);
  using ends = site.ends(server);
  const operation = options.singleUse ? "take" : "get";
  const before = site.store.ids(operation).length;
  ends.server.receive(offerIdentities(ends.client.send(), identities));
  await ends.server.pending;
  assert(ends.server.send().length > 0, "the server goes on");
  return site.store.ids(operation).slice(before);
}

/** Handshakes that wait for one look-up of the same session. */
async function waiting(
  site: Site,
  server: TlsContext,
  version: TlsVersion,
  count: number,
): Promise<{ all: Ends[]; gate: Gate; session: TlsSession }> {
  const session = await site.session(server, { version });
  const gate = new Gate("get");
  site.store.handle = gate.handle;
  const all = Array.from({ length: count }, () => {
    const ends = site.ends(server, { version, session });
    exchange(ends);
    return ends;
  });
  return { all, gate, session };
}

describe("The look-ups of one hello", SANITIZED, () => {
  for (const [how, handle] of [["sync", honest], ["async", later]] as const) {
    it(`are as many as maxLookupsPerHello, the first ones (${how})`, async () => {
      using site = new Site();
      site.store.handle = handle;
      for (const count of [0, 1, 2, 3, 100]) {
        const ids = list(count);
        const names = ids.map((id) => id.join());
        assertEquals(await askedFor(site, ids), names.slice(0, 2));
        for (const maxLookupsPerHello of [1, 3, 1000]) {
          assertEquals(
            await askedFor(site, ids, { maxLookupsPerHello }),
            names.slice(0, maxLookupsPerHello),
          );
        }
      }
    });
  }

  it("are for what can be one of our ids", async () => {
    using site = new Site();
    const id = junk();
    const others = [1, 16, 31, 33, 200].map(junk);
    assertEquals(await askedFor(site, [...others, id]), [id.join()]);
  });

  it("leave out what sessionIdKey tells from them", async () => {
    using site = new Site();
    const options = { sessionIdKey: junk() };
    await site.session(site.server(options));
    const ours = site.store.of("set").map(({ id }) => id);
    site.store.inner.clear(); // the binders of the hello are wrong
    assertEquals(
      await askedFor(site, [...list(9), ...ours, ...list(9)], options),
      ours.map((id) => id.join()),
    );
  });

  it("are not repeated for an id that comes twice", async () => {
    using site = new Site();
    const [one, two] = [junk(), junk()];
    for (const singleUse of [false, true]) {
      assertEquals(
        await askedFor(site, [one, one, two, one], { singleUse }),
        [one.join(), two.join()],
      );
    }
  });

  it("are limited by a whole number", () => {
    using site = new Site();
    for (const maxLookupsPerHello of [0, -1, 1.5, NaN]) {
      assertThrows(
        () => site.server({ maxLookupsPerHello }),
        RangeError,
        "options.maxLookupsPerHello",
      );
    }
  });
});

for (const version of VERSIONS) {
  describe(`Concurrent look-ups of one ${version} session`, SANITIZED, () => {
    it("share a request", async () => {
      using site = new Site();
      const server = site.server();
      const { all, gate, session } = await waiting(site, server, version, 10);
      assertEquals(site.store.of("get").length, 1);
      gate.open();
      for (const ends of all) {
        await settle(ends);
        using visit = visitOf(ends);
        assertEquals(visit.resumption, FROM_STORE);
      }
      assertEquals(server.stats.lookups, 1);
      assertEquals(server.stats.resumed, { store: 10 });
      // It is over: who comes later asks anew.
      await site.resume(server, { version, session });
      assertEquals(site.store.of("get").length, 2);
    });

    it("share its failure too, which is reported once", async () => {
      using site = new Site();
      const server = site.server();
      const { all, gate } = await waiting(site, server, version, 3);
      gate.fail();
      for (const ends of all) {
        await settle(ends);
        using visit = visitOf(ends);
        assertEquals(visit.resumption, {
          resumed: false,
          reason: "store-failed",
        });
      }
      assertEquals(site.failures.length, 1);
    });

    it("are aborted when the last who waits has left, not before", async () => {
      using site = new Site();
      const server = site.server({ lookupTimeout: 60_000 });
      const { all, gate } = await waiting(site, server, version, 3);
      const [{ signal } = {}] = site.store.of("get");
      for (const { server } of all) {
        assertEquals(signal?.aborted, false);
        server[Symbol.dispose]();
      }
      assertEquals(signal?.aborted, true);
      gate.open();
      await turn();
      assertEquals(site.failures, []);
    });

    it("go on for those who stay", async () => {
      using site = new Site();
      const server = site.server();
      const { all, gate, session } = await waiting(site, server, version, 3);
      const [first, second, third] = all;
      assert(first && second && third);
      first[Symbol.dispose]();
      third[Symbol.dispose]();
      gate.open();
      await settle(second);
      assertEquals(visitOf(second).resumption, FROM_STORE);
      second[Symbol.dispose]();
      // What one connection wipes is its own copy.
      assertEquals(await site.resume(server, { version, session }), FROM_STORE);
    });

    it("of which all have left are nobody's who comes then", async () => {
      using site = new Site();
      const server = site.server();
      const { all, gate, session } = await waiting(site, server, version, 1);
      for (const { server } of all) server[Symbol.dispose]();
      using ends = site.ends(server, { version, session });
      exchange(ends);
      assertEquals(site.store.of("get").length, 2);
      gate.open();
      await settle(ends);
      assertEquals(visitOf(ends).resumption, FROM_STORE);
    });
  });
}

describe("Who shares a look-up", SANITIZED, () => {
  it("has an answer of its own, though the other is done with it", async () => {
    using site = new Site();
    const server = site.server({ configure: [["Groups", "P-384"]] });
    const { all, gate } = await waiting(site, server, "TLSv1.3", 2);
    const [slow, quick] = all;
    assert(slow && quick);
    gate.open();
    await slow.server.pending;
    assertEquals(slow.server.state, "handshaking"); // a HelloRetryRequest is next
    for (const ends of [quick, slow]) {
      await settle(ends);
      using visit = visitOf(ends);
      assertEquals(visit.resumption, FROM_STORE);
    }
  });

  it("is nobody who comes after the session was deleted", async () => {
    using site = new Site();
    const server = site.server({ uncleanClose: "remove" });
    const version = "TLSv1.2";
    const first = await site.visit(server, { version });
    const { session } = first;
    const gate = new Gate("get");
    site.store.handle = gate.handle;
    using before = site.ends(server, { version, session });
    exchange(before);
    first.client[Symbol.dispose]();
    first.server[Symbol.dispose]();
    assertEquals(site.store.of("delete").length, 1);
    using after = site.ends(server, { version, session });
    exchange(after);
    assertEquals(site.store.of("get").length, 2);
    gate.open();
    await settle(before);
    await settle(after);
  });
});

describe("An identity that fills a hello", SANITIZED, () => {
  it("is decoded a few times, not each time, when its hash isn't that of the suite", async () => {
    const { openssl, calls } = new Crossings();
    using site = new Site();
    const server = site.server({ openssl });
    const suite = (name: string): TlsContextOptions => ({
      configure: [["Ciphersuites", name]],
    });
    await site.session(server, { client: suite("TLS_AES_256_GCM_SHA384") });
    const id = site.store.calls.find(({ operation }) => operation === "set")
      ?.id;
    assert(id);
    using ends = site.ends(server, {
      client: suite("TLS_AES_128_GCM_SHA256"),
    });
    const hello = ends.client.send();
    calls.length = 0;
    ends.server.receive(offerIdentities(hello, Array(150).fill(id)));
    assert(ends.server.send().length > 0, "the server goes on");
    const decoded = calls.filter((it) => it === "<connection_find_session");
    assert(decoded.length > 0, "OpenSSL asks for the id");
    assert(decoded.length <= 16, `decoded ${decoded.length} times`);
  });
});
