/** A session stands for the handshake in which its peer proved itself, and no longer. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type {
  Resumption,
  TlsContext,
  TlsContextOptions,
  TlsSession,
} from "@sesame/tls";
import {
  createTestPki,
  type TestCertificate,
  type TestIssueOptions,
} from "@sesame/tls/testing";
import {
  SANITIZED,
  Site,
  VERSIONS,
  type Visit,
  type VisitOptions,
} from "./support/site.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** When all begins. A site's clock is moved to it. */
const START = Math.floor(Date.now() / SECOND) * SECOND;

const pki = createTestPki({ seed: "session age", now: () => START });
const trust = { caCerts: [pki.ca.cert] };

/** Lifetimes that are in nobody's way. */
const LONG = { sessionTimeout: WEEK / SECOND, maxSessionAge: WEEK / SECOND };

/** What ends before a quarter of a day is over. */
const SHORT: TestIssueOptions = { notAfter: new Date(START + 2 * HOUR - 1) };
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
