/** A session stands for the handshake in which its peer proved itself, and no longer. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  OpenSSL,
  type Resumption,
  TlsContext,
  type TlsContextOptions,
  TlsError,
  TlsSession,
} from "@sesame/tls";
import {
  createTestPki,
  type TestCertificate,
  type TestIssueOptions,
} from "@sesame/tls/testing";
import { opensslInternals } from "../../../src/libssl/openssl_internals.ts";
import type { SessionProof } from "../../../src/libssl/session_age.ts";
import {
  decodeSessionRecord,
  encodeSessionRecord,
  type SessionRecord,
} from "../../../src/tls/sessions/session_record.ts";
import { certificate } from "../../support/engines.ts";
import {
  SANITIZED,
  settle,
  Site,
  VERSIONS,
  type Visit,
  visitOf,
  type VisitOptions,
} from "../../support/site.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** When all begins. A site's clock is moved to it. */
const START = Math.floor(Date.now() / SECOND) * SECOND;

const pki = createTestPki({ seed: "session age", now: () => START });
const trust = { caCerts: [pki.ca.cert] };
/** Whom the clients of the sites' own servers trust. */
const ours = [certificate.cert];

/** Lifetimes that are in nobody's way. */
const LONG = { sessionTimeout: WEEK / SECOND, maxSessionAge: WEEK / SECOND };

/** What ends before two hours are over. */
const SHORT: TestIssueOptions = {
  notAfter: new Date(START + 2 * HOUR - SECOND),
};
const shortIssuer = pki.issue({ ...SHORT, isCa: true });

/** Peers that are good for nearly two hours, or for as long as their issuer. */
function shortLived(
  usage: "client" | "server",
): Record<string, TestCertificate> {
  return {
    "certificate": pki.issue({ ...SHORT, usage }),
    "certificate's issuer": pki.issue({ usage, issuer: shortIssuer }),
  };
}

/** A server, by the way in which it finds its sessions again. */
type Way = (site: Site, options: TlsContextOptions) => TlsContext;

const WAYS: Record<string, Way> = {
  "a store": (site, options) => site.server(options),
  "a store, each session once": (site, options) =>
    site.server({ ...options, singleUse: true }),
  "a store, with early data": (site, options) =>
    site.server({ ...options, singleUse: true, maxEarlyData: 1000 }),
  "a store, by ids with a proof": (site, options) =>
    site.server({ ...options, sessionIdKey: new Uint8Array(16) }),
  "a chosen context's store": (site, options) => {
    const chosen = site.server(options);
    return site.context({ ...options, ...LONG, contextFor: () => chosen });
  },
  "stateless tickets": (site, options) => site.context(options),
  "stateless tickets of given keys": (site, options) =>
    site.context({ ...options, ticketKeys: [new Uint8Array(80).fill(1)] }),
  "the internal cache": (site, options) =>
    site.context({ ...options, tickets: "stateful" }),
};

/** A site whose time begins when the certificates do. */
function siteAtStart(): Site {
  const site = new Site();
  site.time = START;
  return site;
}

/**
 * Visits a server every `step`, each time with the newest session, for 300 days at most:
 * when it resumed last, in ms from the start, and what a client says that didn't.
 */
async function resumesUntil(
  site: Site,
  server: TlsContext,
  step: number,
  options: VisitOptions,
): Promise<{ last: number; client: Resumption | null }> {
  let last = 0;
  let session: TlsSession | undefined;
  for (;;) {
    const ends = await site.visit(server, { ...options, session })
      .catch(() => undefined);
    const isOver = last > 300 * DAY || ends === undefined ||
      (session && !ends.resumption.resumed);
    if (isOver) {
      const client = ends?.client.resumption ?? null;
      ends?.[Symbol.dispose]();
      return { last, client };
    }
    using visit: Visit = ends;
    last = site.time - START;
    session = visit.session;
    site.time += step;
  }
}

for (const version of VERSIONS) {
  for (const [way, serverOf] of Object.entries(WAYS)) {
    describe(`A chain of ${version} sessions in ${way}`, SANITIZED, () => {
      for (const [what, client] of Object.entries(shortLived("client"))) {
        it(`ends with the client's ${what}`, async () => {
          using site = siteAtStart();
          const server = serverOf(site, {
            ...LONG,
            ...pki.server,
            ...trust,
            clientAuth: "require",
          });
          const { last } = await resumesUntil(site, server, HOUR / 2, {
            version,
            client: { ...LONG, ...client, ...trust },
          });
          assertEquals(last, 1.5 * HOUR);
        });
      }

      it("doesn't begin if the client's certificate ends in the handshake", async () => {
        using site = siteAtStart();
        const context = serverOf(site, {
          ...LONG,
          ...pki.server,
          ...trust,
          clientAuth: "request",
        });
        const notAfter = new Date(START + SECOND);
        const cert = pki.issue({ notAfter, usage: "client" });
        using ends = site.ends(context, {
          version,
          client: { ...LONG, ...cert, ...trust },
        });
        const { client, server } = ends;
        server.receive(client.send());
        await server.pending;
        client.receive(server.send());
        const flight = client.send();
        server.receive(flight.slice(0, -20)); // all but the Finished
        site.time = START + SECOND;
        server.receive(flight.slice(-20));
        await settle(ends);
        assertEquals(visitOf(ends).resumption.resumed, false);
        // To OpenSSL, whose internal cache it may be in, the last second counts.
        site.time = START + 2 * SECOND;
        const session = client.session ?? undefined;
        const again = { version, session, client: { ...LONG, ...trust } };
        using next = site.ends(context, again);
        await settle(next);
        assert(!next.server.resumption?.resumed);
      });

      it("ends with the server's maxSessionAge", async () => {
        using site = siteAtStart();
        const maxSessionAge = 10 * HOUR / SECOND - 1;
        const server = serverOf(site, { ...LONG, maxSessionAge });
        const visit = { version, client: LONG };
        const { last } = await resumesUntil(site, server, HOUR, visit);
        assertEquals(last, 9 * HOUR);
      });

      it("has links of two hours, and a day in all, if nothing is said", async () => {
        using site = siteAtStart();
        const server = serverOf(site, {});
        const { last } = await resumesUntil(site, server, HOUR + SECOND, {
          version,
          client: LONG,
        });
        const links = version === "TLSv1.3" ? 23 : 1;
        assertEquals(last, links * (HOUR + SECOND));
        site.time = START;
        const slow = await resumesUntil(site, server, 2 * HOUR + SECOND, {
          version,
          client: LONG,
        });
        assertEquals(slow.last, 0);
      });
    });
  }

  describe(`A ${version} client's chain of sessions`, SANITIZED, () => {
    for (const [what, certificate] of Object.entries(shortLived("server"))) {
      it(`ends with the server's ${what}`, async () => {
        using site = siteAtStart();
        const server = site.context({ ...LONG, ...certificate });
        const { last, client } = await resumesUntil(site, server, HOUR / 2, {
          version,
          client: { ...LONG, ...trust },
        });
        // The full handshake fails, as it must.
        assertEquals({ last, client }, { last: 1.5 * HOUR, client: null });
      });
    }

    it("ends with its maxSessionAge", async () => {
      using site = siteAtStart();
      const maxSessionAge = 10 * HOUR / SECOND;
      assertEquals(
        await resumesUntil(site, site.context(LONG), HOUR, {
          version,
          client: { ...LONG, maxSessionAge },
        }),
        {
          last: 9 * HOUR,
          client: { resumed: false, reason: "too-old" },
        },
      );
    });
  });
}

/** What of a session or a record says when the peer proved itself. */
function withoutProof(openssl: OpenSSL, der: Uint8Array): Uint8Array {
  const { libssl } = openssl;
  const session = libssl.d2i_SSL_SESSION(der);
  assert(session);
  libssl.SSL_SESSION_set1_ticket_appdata(session, new Uint8Array());
  const stripped = libssl.i2d_SSL_SESSION(session);
  libssl.SSL_SESSION_free(session);
  assert(stripped);
  return stripped;
}

/** The newest record of a site's store. */
function newestRecord({ store }: Site): SessionRecord & { id: Uint8Array } {
  const id = store.of("set").at(-1)?.id;
  const bytes = id && store.inner.get(id);
  const record = bytes && decodeSessionRecord(bytes);
  assert(id && typeof record === "object");
  return { ...record, id };
}

/** On what the newest record of a site's store rests. */
function newestProof(site: Site): SessionProof {
  const { libssl } = site.openssl;
  const session = libssl.d2i_SSL_SESSION(newestRecord(site).der);
  assert(session);
  const proof = opensslInternals.get(site.openssl).sessionAge.proof(session);
  libssl.SSL_SESSION_free(session);
  return proof;
}

describe("What was made before sessions had a proof", SANITIZED, () => {
  it("counts from its own making, and so does what succeeds it", async () => {
    using site = siteAtStart();
    const server = site.server({ ...LONG, maxSessionAge: HOUR / SECOND });
    const first = await site.session(server, { client: LONG });
    const { id, der, ...rest } = newestRecord(site);
    const old = encodeSessionRecord({
      ...rest,
      der: withoutProof(site.openssl, der),
    }).slice(0, -4).with(0, 1);
    site.store.inner.set(id, old, { expiresAt: new Date(START + WEEK) });
    site.time += HOUR / 2;
    const second = await site.session(server, { client: LONG, session: first });
    assertEquals(newestProof(site).provedAt, START);
    for (const [time, resumed] of [[59, true], [60, false]] as const) {
      site.time = START + time * 60 * SECOND;
      const visit = { client: LONG, session: second };
      const outcome = await site.resume(server, visit);
      assertEquals(outcome.resumed, resumed);
    }
  });

  it("isn't taken for one because of what somebody else put in its place", async () => {
    using site = siteAtStart();
    const session = await site.session(site.server(LONG), { client: LONG });
    const { libssl } = site.openssl;
    const { sessionAge } = opensslInternals.get(site.openssl);
    const handle = libssl.d2i_SSL_SESSION(session.toBytes());
    assert(handle);
    const data = libssl.SSL_SESSION_get0_ticket_appdata(handle);
    const late = data.slice();
    late[8] = (late[8] ?? 0) ^ 1;
    libssl.SSL_SESSION_set1_ticket_appdata(handle, late);
    assertNotEquals(sessionAge.proof(handle).provedAt, START);
    const others = [
      new Uint8Array(),
      late.subarray(0, -1),
      new Uint8Array([...late, 0]),
      late.with(0, 0),
    ];
    for (const other of others) {
      libssl.SSL_SESSION_set1_ticket_appdata(handle, other);
      assertEquals(sessionAge.proof(handle).provedAt, START);
    }
    libssl.SSL_SESSION_free(handle);
  });

  for (const version of VERSIONS) {
    it(`ends with the server's certificate (${version})`, async () => {
      using site = siteAtStart();
      const server = site.context({
        ...LONG,
        ...shortLived("server")["certificate"],
      });
      const client = { ...LONG, ...trust };
      const given = await site.session(server, { version, client });
      const session = TlsSession.fromBytes(
        withoutProof(site.openssl, given.toBytes()),
      );
      assertEquals(session.provedAt, given.provedAt);
      assertEquals(session.expiresAt, SHORT.notAfter);
      site.time += 2 * HOUR;
      const ends = site.ends(server, { version, client, session });
      using _ = ends;
      await assertRejects(() => settle(ends), TlsError, "has expired");
    });
  }
});

describe("A session's proof", SANITIZED, () => {
  for (const version of VERSIONS) {
    it(`is told, and bounds what is told of its end (${version})`, async () => {
      using site = siteAtStart();
      const server = site.server({
        ...LONG,
        ...shortLived("server")["certificate"],
      });
      const client = { ...LONG, ...trust };
      const given = await site.session(server, { version, client });
      assertEquals(given.provedAt, new Date(START));
      assertEquals(given.expiresAt, SHORT.notAfter);
      const kept = TlsSession.fromBytes(given.toBytes());
      assertEquals(kept.provedAt, given.provedAt);
      site.time += HOUR;
      const next = await site.session(server, {
        version,
        client,
        session: given,
      });
      assertEquals(next.provedAt, new Date(START));
      assertEquals(next.expiresAt, SHORT.notAfter);
    });
  }

  it("bounds what a store is told", async () => {
    using site = siteAtStart();
    const client = shortLived("client")["certificate"];
    const server = site.server({ ...LONG, ...trust, clientAuth: "request" });
    await site.session(server, { client: { ...client, caCerts: ours } });
    assertEquals(newestRecord(site).expiresAt, SHORT.notAfter?.getTime());
  });

  it("is made anew by client authentication after the handshake", async () => {
    using site = siteAtStart();
    const client = shortLived("client")["certificate"];
    const server = site.server({ ...LONG, ...trust, postHandshakeAuth: true });
    const options = {
      client: { ...client, caCerts: ours, postHandshakeAuth: true },
    };
    const session = await site.session(server, options);
    assertEquals(newestProof(site), { provedAt: START, notAfter: Infinity });
    site.time += HOUR;
    using visit = await site.visit(server, { ...options, session });
    assertEquals(visit.resumption.resumed, true);
    assertEquals(newestProof(site).provedAt, START);
    const shown = visit.server.requestCertificate();
    await settle(visit);
    assertEquals((await shown)?.subject, "CN=client");
    assertEquals(newestProof(site), {
      provedAt: START + HOUR,
      notAfter: SHORT.notAfter?.getTime(),
    });
  });

  for (const version of VERSIONS) {
    for (const way of ["a store", "stateless tickets"]) {
      it(`of a clock that was ahead counts for nothing: ${version}, ${way}`, async () => {
        using site = siteAtStart();
        const server = WAYS[way]?.(site, LONG);
        assert(server);
        const ahead = START + 100 * DAY;
        site.time = ahead;
        const session = await site.session(server, { version });
        // An hour is what the clocks of a fleet may differ by.
        site.time = START + HOUR;
        const near = await site.session(server, { version });
        site.time = START;
        const visit = { version, session: near };
        assertEquals((await site.resume(server, visit)).resumed, true);
        const refused: Resumption = { resumed: false, reason: "expired" };
        using wary = await site.visit(server, { version, session });
        assertEquals(wary.client.resumption, refused);
        const openssl = new OpenSSL({ clock: () => ahead });
        const client = { openssl };
        using bold = await site.visit(server, { version, session, client });
        assertEquals(bold.resumption, refused);
      });
    }
  }

  for (const version of VERSIONS) {
    it(`isn't resumed out of OpenSSL's cache if its clock was ahead: ${version}`, async () => {
      using site = siteAtStart();
      const server = site.context({ ...LONG, tickets: "stateful" });
      site.time = START + 100 * DAY;
      const session = await site.session(server, { version });
      site.time = START;
      const openssl = new OpenSSL({ clock: () => START + 100 * DAY });
      const client = { openssl };
      using bold = await site.visit(server, { version, session, client });
      assertEquals(bold.resumption, { resumed: false, reason: "unknown-id" });
      const own = await site.session(server, { version });
      const visit = { version, session: own };
      assertEquals((await site.resume(server, visit)).resumed, true);
    });
  }

  it("isn't resumed out of OpenSSL's cache if its clock was ahead in the handshake alone", async () => {
    using site = siteAtStart();
    const server = site.context({ ...LONG, tickets: "stateful" });
    using ends = site.ends(server);
    site.time = START + 100 * DAY;
    await settle(ends);
    const { session } = visitOf(ends);
    site.time = START;
    const openssl = new OpenSSL({ clock: () => START + 100 * DAY });
    const client = { openssl };
    assertEquals(
      await site.resume(server, { session, client }),
      { resumed: false, reason: "unknown-id" },
    );
  });

  it("has a bound of seven days at most", () => {
    for (const maxSessionAge of [0, 1.5, WEEK / SECOND + 1, NaN]) {
      assertThrows(
        () => new TlsContext({ maxSessionAge }),
        RangeError,
        "options.maxSessionAge must be a whole number from 1 to 604800",
      );
    }
  });
});
