/** A context is asked before a session of an authenticated client is resumed. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type MaybePromise,
  OpenSSL,
  type Resumption,
  TlsContext,
  type TlsContextOptions,
  TlsError,
  type TlsRevalidationInfo,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestCertificate } from "@sesame/tls/testing";
import { certificate } from "../../support/engines.ts";
import { turn } from "../../support/probed_store.ts";
import { Revalidation } from "../../../src/tls/sessions/revalidation.ts";
import { SANITIZED, Site, VERSIONS } from "../../support/site.ts";

const alice = createTestCertificate({ hosts: ["alice"] });
const ASKING: TlsContextOptions = {
  caCerts: [alice.cert],
  clientAuth: "request",
};
/** A client that trusts the server, and is Alice. */
const AS_ALICE: TlsContextOptions = { ...alice, caCerts: [certificate.cert] };

const DAY = 86_400_000;

type Server = (site: Site, options: TlsContextOptions) => TlsContext;

const SERVERS: Record<string, [Server, "store" | "ticket"]> = {
  "a store": [(site, options) => site.server(options), "store"],
  "a store that answers later": [(site, options) => {
    site.store.handle = (_call, act) => turn().then(act);
    return site.server(options);
  }, "store"],
  "a store, each session once": [
    (site, options) => site.server({ ...options, singleUse: true }),
    "store",
  ],
  "tickets of OpenSSL's key": [
    (site, options) => site.context(options),
    "ticket",
  ],
  "tickets of given keys": [(site, options) =>
    site.context({
      ...options,
      ticketKeys: [new Uint8Array(80).fill(1)],
    }), "ticket"],
  "a chosen context": [(site, options) => {
    const chosen = site.context(options);
    return site.context({ ...ASKING, contextFor: () => chosen });
  }, "ticket"],
  "a chosen context with a store": [(site, options) => {
    const chosen = site.server(options);
    return site.context({ ...ASKING, contextFor: () => chosen });
  }, "store"],
};

/** How a context can answer, and what comes of it. */
const ANSWERS: [
  what: string,
  answer: () => unknown,
  reason?: Extract<Resumption, { resumed: false }>["reason"],
  reports?: number,
][] = [
  ["yes", () => true],
  ["yes, later", () => turn().then(() => true)],
  ["no", () => false, "not-revalidated"],
  ["no, later", () => turn().then(() => false), "not-revalidated"],
  [
    "by throwing",
    () => {
      throw new Error("down");
    },
    "revalidation-failed",
    1,
  ],
  [
    "by rejecting",
    () => Promise.reject(new Error("down")),
    "revalidation-failed",
    1,
  ],
  ["with nothing", () => undefined, "revalidation-failed", 1],
  ["too late", () => new Promise(() => {}), "deadline", 1],
];

for (const version of VERSIONS) {
  for (const [what, [serverOf, from]] of Object.entries(SERVERS)) {
    describe(`revalidate, with ${what} (${version})`, SANITIZED, () => {
      for (const [how, answer, reason, reports = 0] of ANSWERS) {
        it(`answers ${how}`, async () => {
          using site = new Site();
          const infos: TlsRevalidationInfo[] = [];
          const failures: string[] = [];
          const server = serverOf(site, {
            ...ASKING,
            lookupTimeout: reason === "deadline" ? 20 : 10_000,
            onStoreError: (_error, operation) => failures.push(operation),
            revalidate: (info) => {
              infos.push(info);
              return answer() as MaybePromise<boolean>;
            },
          });
          const visit = { version, client: AS_ALICE };
          const session = await site.session(server, visit);
          assertEquals(infos, []);
          const provedAt = new Date(site.time);
          site.time += 60_000;
          using next = await site.visit(server, { ...visit, session });
          assertEquals(
            next.resumption,
            reason ? { resumed: false, reason } : { resumed: true, from },
          );
          assertEquals(failures, Array(reports).fill("revalidate"));
          const [info, ...more] = infos;
          assert(info);
          assertEquals(more, []);
          assertEquals(info.peerCertificate.subject, "CN=alice");
          assertEquals(info.provedAt, provedAt);
          assertEquals(info.serverName, "localhost");
          // A full handshake verifies the client anew.
          const { peerCertificate } = next.server.info ?? {};
          assertEquals(peerCertificate?.subject, "CN=alice");
        });
      }

      it("isn't asked for a client without a certificate", async () => {
        using site = new Site();
        const server = serverOf(site, {
          ...ASKING,
          revalidate: () => {
            throw new Error("asked");
          },
        });
        const session = await site.session(server, { version });
        assertEquals(await site.resume(server, { version, session }), {
          resumed: true,
          from,
        });
      });
    });
  }
}

describe("revalidate", SANITIZED, () => {
  for (const sessions of [true, false]) {
    const where = sessions ? "in a store" : "in tickets";

    it(`is asked once through a HelloRetryRequest, ${where}`, async () => {
      using site = new Site();
      let asked = 0;
      const options: TlsContextOptions = {
        ...ASKING,
        configure: [["Groups", "P-256"]],
        revalidate: () => turn().then(() => ++asked > 0),
      };
      const server = sessions ? site.server(options) : site.context(options);
      const client: TlsContextOptions = {
        ...AS_ALICE,
        configure: [["Groups", "X25519:P-256"]],
      };
      const visit = { client };
      const session = await site.session(server, visit);
      const outcome = await site.resume(server, { ...visit, session });
      assertEquals(outcome.resumed, true);
      assertEquals(asked, 1);
    });

    it(`may answer when the connection has ended, ${where}`, async () => {
      using site = new Site();
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const options = { ...ASKING, revalidate: () => promise };
      const server = sessions ? site.server(options) : site.context(options);
      const visit = { client: AS_ALICE };
      const session = await site.session(server, visit);
      const used = site.openssl.memory.used;
      const ends = site.ends(server, { ...visit, session });
      ends.server.receive(ends.client.send());
      const { pending } = ends.server;
      ends[Symbol.dispose]();
      resolve(true);
      await promise;
      await turn();
      assert(pending !== null);
      assert(site.openssl.memory.used <= used + 65_536);
    });
  }

  it("needs a place where sessions can be looked at", () => {
    for (const tickets of ["stateful", "off"] as const) {
      assertThrows(
        () =>
          new TlsContext({ ...certificate, tickets, revalidate: () => true }),
        TypeError,
        "options.revalidate needs",
      );
    }
    assertThrows(
      () =>
        new TlsContext({
          ...certificate,
          revalidate: true as unknown as never,
        }),
      TypeError,
      "options.revalidate must be a function",
    );
  });
});

describe("revalidate of a chosen context", SANITIZED, () => {
  for (const version of VERSIONS) {
    it(`isn't passed over by OpenSSL's cache, which asks nobody (${version})`, async () => {
      using site = new Site();
      const chosen = site.context({ ...ASKING, revalidate: () => false });
      const server = site.context({
        ...ASKING,
        tickets: "stateful",
        contextFor: () => chosen,
      });
      const visit = { version, client: AS_ALICE };
      using first = await site.visit(server, visit);
      const session = first.client.session ?? undefined;
      const outcome = await site.resume(server, { ...visit, session });
      assertEquals(outcome.resumed, false);
    });
  }
});

describe("A clock that jumps while a session is looked up", SANITIZED, () => {
  for (const version of VERSIONS) {
    it(`has no one resumed without being asked about (${version})`, async () => {
      using site = new Site();
      let reads = -1;
      let jumpsAt = -1;
      let asked = 0;
      const openssl = new OpenSSL({
        clock: () => site.time + (++reads === jumpsAt ? 2 * DAY : 0),
      });
      const server = site.server({
        ...ASKING,
        openssl,
        sessions: new MemorySessionStore({ now: () => site.time }),
        sessionTimeout: 7 * DAY / 1000,
        revalidate: () => {
          asked++;
          return true;
        },
      });
      const visit = { version, client: AS_ALICE };
      let session = await site.session(server, visit);
      reads = -1;
      session = await site.session(server, { ...visit, session });
      const all = reads;
      for (jumpsAt = 0; jumpsAt <= all; jumpsAt++) {
        asked = 0;
        reads = -1;
        using next = await site.visit(server, { ...visit, session });
        assertEquals(next.resumption.resumed && asked === 0, false);
        reads = -Infinity;
        session = await site.session(server, visit);
      }
    });
  }
});

describe("A session whose certificate memory lacks for", SANITIZED, () => {
  it("isn't resumed", async () => {
    using site = new Site();
    const { libssl } = site.openssl;
    const kept = await site.session(site.context());
    const handle = libssl.d2i_SSL_SESSION(kept.toBytes());
    assert(handle);
    const failures: unknown[] = [];
    // No memory, as OpenSSL says it.
    const full = Object.create(site.openssl, {
      libssl: { value: { ...libssl, i2d_X509: () => null } },
    });
    const revalidation = new Revalidation(full, {
      revalidate: () => true,
      timeout: 10_000,
      maxTickets: 1,
      onError: (error) => failures.push(error),
    });
    const peer = { serverName: null, remoteAddress: null, localAddress: null };
    assertEquals(await revalidation.ask(handle, peer), "revalidation-failed");
    const [error] = failures;
    assert(error instanceof TlsError);
    assertEquals(error.code, "out-of-memory");
    libssl.SSL_SESSION_free(handle);
  });
});
