import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { SessionStore, TlsContextOptions } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { exchange } from "../../support/engines.ts";
import { Gate, honest, later } from "../../support/probed_store.ts";
import { SANITIZED, settle, Site, visitOf } from "../../support/site.ts";

const FROM_STORE = { resumed: true, from: "store" } as const;
const UNKNOWN = { resumed: false, reason: "unknown-id" } as const;

/** A store that can't take. */
function withoutTake(): SessionStore {
  const store = new MemorySessionStore();
  return {
    get: (id) => store.get(id),
    set: (id, record, options) => store.set(id, record, options),
    delete: (id, reason) => store.delete(id, reason),
  };
}

describe("A single-use TLS 1.3 session", SANITIZED, () => {
  for (const [how, handle] of [["sync", honest], ["async", later]] as const) {
    it(`resumes once across two instances of one store (${how})`, async () => {
      for (const order of [[0, 1], [1, 0], [0, 0], [1, 1]]) {
        using site = new Site();
        site.store.handle = handle;
        const servers = [site.openssl, site.instance()].map((openssl) =>
          site.server({ singleUse: true, openssl })
        );
        const [first, second] = order.map((i) => servers[i] ?? site.server());
        if (!first || !second) throw new Error("order");
        const session = await site.session(first, {});
        assertEquals(await site.resume(first, { session }), FROM_STORE);
        assertEquals(await site.resume(second, { session }), UNKNOWN);
        assertEquals(site.store.of("take").length, 2);
        assertEquals(site.store.of("get"), []);
        assertEquals(site.failures, []);
      }
    });
  }

  it("resumes for one of two who come at the same time", async () => {
    using site = new Site();
    const servers = [
      site.server({ singleUse: true }),
      site.server({ singleUse: true, openssl: site.instance() }),
    ];
    const [server] = servers;
    if (!server) throw new Error("server");
    const session = await site.session(server);
    const gate = new Gate("take");
    site.store.handle = gate.handle;
    // Two at each server: a request to take is nobody else's answer.
    const all = [...servers, ...servers].map((s) => site.ends(s, { session }));
    for (const ends of all) exchange(ends);
    assertEquals(site.store.of("take").length, 4);
    gate.open();
    await Promise.all(all.map(settle));
    const outcomes = all.map((ends) => visitOf(ends).resumption);
    assertEquals(outcomes.filter(({ resumed }) => resumed), [FROM_STORE]);
    assertEquals(outcomes.filter(({ resumed }) => !resumed), [
      UNKNOWN,
      UNKNOWN,
      UNKNOWN,
    ]);
    for (const ends of all) ends[Symbol.dispose]();
  });

  it("gives the client one for the next time", async () => {
    using site = new Site();
    const server = site.server({ singleUse: true });
    let session = await site.session(server);
    for (let i = 0; i < 5; i++) {
      using visit = await site.visit(server, { session });
      assertEquals(visit.resumption, FROM_STORE);
      session = visit.session;
    }
  });

  it("is used up by a look-up, and a full handshake follows it all the same", async () => {
    using site = new Site();
    const server = site.server({ singleUse: true });
    const session = await site.session(server);
    using ends = site.ends(server, { session });
    ends.server.receive(ends.client.send());
    ends.server[Symbol.dispose]();
    assertEquals(await site.resume(server, { session }), UNKNOWN);
  });

  it("may be resumed often in TLS 1.2, which can't have it otherwise", async () => {
    using site = new Site();
    const server = site.server({ singleUse: true });
    const session = await site.session(server, { version: "TLSv1.2" });
    for (let i = 0; i < 3; i++) {
      assertEquals(
        await site.resume(server, { version: "TLSv1.2", session }),
        FROM_STORE,
      );
    }
    assertEquals(site.store.of("take"), []);
  });
});

describe("A context refuses", () => {
  const cases: [string, TlsContextOptions, string][] = [
    [
      "singleUse with a store that can't take",
      { singleUse: true, sessions: withoutTake() },
      "options.singleUse needs a store that can take: options.sessions has no method take",
    ],
    [
      "maxEarlyData without a store",
      { maxEarlyData: 1 },
      "options.maxEarlyData needs options.sessions and options.singleUse",
    ],
    [
      "maxEarlyData of sessions that can be used twice",
      { maxEarlyData: 1, sessions: new MemorySessionStore() },
      "options.maxEarlyData needs options.sessions and options.singleUse",
    ],
    [
      "singleUse without a store",
      { singleUse: true },
      "options.singleUse needs options.sessions",
    ],
  ];
  for (const [what, options, message] of cases) {
    it(what, () => {
      using site = new Site();
      assertThrows(() => site.context(options), TypeError, message);
    });
  }

  it("a maxEarlyData that isn't a number of bytes", () => {
    using site = new Site();
    for (const maxEarlyData of [-1, 0.5, NaN, 2 ** 32]) {
      assertThrows(
        () => site.server({ singleUse: true, maxEarlyData }),
        RangeError,
        "options.maxEarlyData",
      );
    }
  });
});
