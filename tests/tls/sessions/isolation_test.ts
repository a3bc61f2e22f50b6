import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Resumption,
  type TlsContext,
  type TlsContextOptions,
  TlsError,
  type TlsSession,
} from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { exchange } from "../../support/engines.ts";
import {
  SANITIZED,
  Site,
  VERSIONS,
  type VisitOptions,
} from "../../support/site.ts";

// One certificate for both hosts: nothing but the server tells them apart.
const hosts = createTestCertificate({ hosts: ["a.test", "b.test"] });
const person = createTestCertificate({ hosts: ["person"] });
const other = createTestCertificate({ hosts: ["other"] });
const FROM_STORE: Resumption = { resumed: true, from: "store" };
const MISMATCH: Resumption = { resumed: false, reason: "context-mismatch" };
const CONTEXT_LENGTH_AT = 9;
const client: TlsContextOptions = { caCerts: [hosts.cert] };
const authenticating: TlsContextOptions = { ...client, ...person };
const asking: TlsContextOptions = {
  ...hosts,
  clientAuth: "require",
  caCerts: [person.cert],
};

/** The session id contexts of the records that a store has been given. */
function contextsOf(site: Site): string[] {
  return site.store.of("set").map(({ id }) => {
    const record = site.store.inner.get(id);
    assert(record);
    const length = record[CONTEXT_LENGTH_AT] ?? 0;
    return record.subarray(CONTEXT_LENGTH_AT + 1).subarray(0, length).join();
  });
}

/** What a server that insists on a certificate does with a session of one that doesn't. */
async function cross(
  site: Site,
  weak: TlsContext,
  strict: TlsContext,
  from: VisitOptions,
  to: VisitOptions = from,
): Promise<[Resumption, TlsSession]> {
  const session = await site.session(weak, from);
  using visit = await site.visit(strict, {
    ...to,
    client: authenticating,
    session,
  });
  assertEquals(visit.server.info?.peerCertificate?.subject, "CN=person");
  return [visit.resumption, visit.session];
}

for (const version of VERSIONS) {
  const atA: VisitOptions = { version, hostname: "a.test", client };
  const atB: VisitOptions = { version, hostname: "b.test", client };

  describe(`A ${version} session of one virtual host`, SANITIZED, () => {
    const policies: [
      string,
      (site: Site) => TlsContextOptions["contextFor"],
    ][] = [
      ["by two contexts", (site) => {
        const b = site.server(hosts);
        return (name) => name === "b.test" ? b : undefined;
      }],
      ["by one context that looks at the name", () => () => undefined],
      ["later", (site) => {
        const b = site.server(hosts);
        return (name) => Promise.resolve(name === "b.test" ? b : undefined);
      }],
    ];
    for (const [how, contextFor] of policies) {
      it(`is never resumed on another, served ${how}`, async () => {
        using site = new Site();
        const policy = contextFor(site);
        assert(policy);
        const server = site.server({ ...hosts, contextFor: policy });
        const a = await site.session(server, atA);
        const b = await site.session(server, atB);
        assertEquals(
          await site.resume(server, { ...atB, session: a }),
          MISMATCH,
        );
        assertEquals(
          await site.resume(server, { ...atA, session: b }),
          MISMATCH,
        );
        assertEquals(
          await site.resume(server, { ...atA, session: a }),
          FROM_STORE,
        );
        assertEquals(
          await site.resume(server, { ...atB, session: b }),
          FROM_STORE,
        );
        assertEquals(site.failures, []);
      });
    }

    it("is, if sessionIdContext says that they are one application", async () => {
      using site = new Site();
      const options = { ...hosts, sessionIdContext: "one" };
      const b = site.server(options);
      const server = site.server({
        ...options,
        contextFor: (name) => name === "b.test" ? b : undefined,
      });
      const session = await site.session(server, atA);
      assertEquals(await site.resume(server, { ...atB, session }), FROM_STORE);
      assertEquals(new Set(contextsOf(site)).size, 1);
    });

    it("isn't, even where the name makes no other difference (RFC 6066, 3)", async () => {
      using site = new Site();
      const server = site.server(hosts);
      const session = await site.session(server, atA);
      assertEquals(
        await site.resume(server, { ...atB, session }),
        MISMATCH,
      );
    });
  });

  describe(
    `A ${version} session without client authentication`,
    SANITIZED,
    () => {
      it("doesn't get into a virtual host that requires it (CVE-2025-23419)", async () => {
        using site = new Site();
        const b = site.server(asking);
        const server = site.server({
          ...hosts,
          contextFor: (name) => name === "b.test" ? b : undefined,
        });
        const [resumption, session] = await cross(
          site,
          server,
          server,
          atA,
          atB,
        );
        assertEquals(resumption, MISMATCH);
        // Nor does one without a certificate get anywhere, with or without a session.
        for (const session of [undefined, await site.session(server, atA)]) {
          using ends = site.ends(server, { ...atB, session });
          assertThrows(
            () => exchange(ends),
            TlsError,
            "peer did not return a certificate",
          );
        }
        // The host's own sessions resume, with whom they belong to.
        using again = await site.visit(server, { ...atB, session });
        assertEquals(again.resumption, FROM_STORE);
        assertEquals(again.server.info?.peerCertificate?.subject, "CN=person");
      });

      const sessions: [
        string,
        (site: Site) => TlsContextOptions,
        Resumption,
      ][] = [
        ["a store", ({ store }) => ({ sessions: store }), MISMATCH],
        [
          "a store and one sessionIdContext",
          ({ store }) => ({ sessions: store, sessionIdContext: "one" }),
          MISMATCH,
        ],
        ["tickets of a shared key", () => ({
          ticketKeys: [new Uint8Array(80).fill(7)],
        }), { resumed: false, reason: "ticket-rejected" }],
      ];
      for (const [what, options, expected] of sessions) {
        it(`doesn't get into another server that requires it, by ${what}`, async () => {
          using site = new Site();
          const shared = options(site);
          const [resumption, session] = await cross(
            site,
            site.context({ ...hosts, ...shared }),
            site.context({ ...asking, ...shared }),
            atA,
          );
          assertEquals(resumption, expected);
          const equal = site.context({
            ...asking,
            ...shared,
            openssl: site.instance(),
          });
          const next = await site.resume(equal, { ...atA, session });
          assertEquals(next.resumed, true);
        });
      }

      it("doesn't get into one whose certificate authorities are others", async () => {
        using site = new Site();
        const session = await site.session(
          site.server(asking),
          { ...atA, client: authenticating },
        );
        const others = { ...asking, caCerts: [other.cert, person.cert] };
        using visit = await site.visit(
          site.server(others),
          { ...atA, client: authenticating, session },
        );
        assertEquals(visit.resumption, MISMATCH);
      });
    },
  );
}

describe("The derived session id context", SANITIZED, () => {
  it("is 32 bytes, the same in every instance, one for each policy", async () => {
    using site = new Site();
    const policies: TlsContextOptions[] = [
      hosts,
      { ...hosts, sessionIdContext: "one" },
      { ...asking, clientAuth: "request" },
      asking,
      { ...asking, caCerts: [person.cert, other.cert] },
    ];
    const seen = new Set<string>();
    for (const options of policies) {
      const visit = { hostname: "a.test", client: authenticating };
      for (let i = 0; i < 2; i++) {
        const openssl = site.instance();
        await site.session(site.server({ ...options, openssl }), visit);
      }
      const contexts = new Set(contextsOf(site));
      site.store.calls.length = 0;
      assertEquals(contexts.size, 1);
      for (const context of contexts) {
        assertEquals(context.split(",").length, 32);
        assertNotEquals(context, new Uint8Array(32).join());
        seen.add(context);
      }
    }
    assertEquals(seen.size, policies.length);
  });
});
