import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createTestCertificate } from "@sesame/tls/testing";
import { ProbedStore } from "../../support/probed_store.ts";
import { SANITIZED, settle, Site, VERSIONS } from "../../support/site.ts";

const a = createTestCertificate({ hosts: ["a.test"] });
const b = createTestCertificate({ hosts: ["b.test"] });
const atB = { hostname: "b.test", client: { caCerts: [b.cert] } };

describe("The sessions of a context that contextFor chose", SANITIZED, () => {
  for (const version of VERSIONS) {
    const visit = { ...atB, version };

    it(`are in its own store, if it has one (${version})`, async () => {
      using site = new Site();
      const own = new ProbedStore();
      const sessionIdKey = new Uint8Array(32).fill(1);
      const chosen = site.server({ ...b, sessions: own, sessionIdKey });
      const server = site.server({ ...a, contextFor: () => chosen });
      const session = await site.session(server, visit);
      assertEquals(site.store.calls, []);
      assertEquals(
        await site.resume(server, { ...visit, session }),
        { resumed: true, from: "store" },
      );
      assertEquals(own.of("get").length, 1);
    });

    it(`are in the store of the context that it was chosen by otherwise (${version})`, async () => {
      using site = new Site();
      const chosen = site.context(b);
      const server = site.server({ ...a, contextFor: () => chosen });
      const session = await site.session(server, visit);
      assertEquals(
        await site.resume(server, { ...visit, session }),
        { resumed: true, from: "store" },
      );
    });

    it(`are in its own store though others get tickets (${version})`, async () => {
      using site = new Site();
      const sessions = site.store.inner;
      const tag = (): string => "tenant";
      const chosen = site.server({ ...b, sessions, tag, singleUse: true });
      const server = site.context({
        ...a,
        ticketKeys: [new Uint8Array(80).fill(7)],
        contextFor: (name) => name === "b.test" ? chosen : undefined,
      });
      const session = await site.session(server, visit);
      assertEquals(
        await site.resume(server, { ...visit, session }),
        { resumed: true, from: "store" },
      );
      const another = await site.session(server, visit);
      sessions.revoke({ tag: "tenant" });
      assertEquals(
        await site.resume(server, { ...visit, session: another }),
        { resumed: false, reason: "unknown-id" },
      );

      const atA = { hostname: "a.test", client: { caCerts: [a.cert] } };
      const ticket = await site.session(server, { ...atA, version });
      assertEquals(
        await site.resume(server, { ...atA, version, session: ticket }),
        { resumed: true, from: "ticket" },
      );
    });

    for (const tickets of ["stateful", "off"] as const) {
      it(`are none where no one could revoke them: ${tickets} (${version})`, async () => {
        using site = new Site();
        const chosen = site.server(b);
        const server = site.context({
          ...a,
          tickets,
          contextFor: () => chosen,
        });
        using ends = site.ends(server, visit);
        await settle(ends);
        assertEquals(ends.client.state, "open");
        const { session } = ends.client;
        using again = site.ends(server, {
          ...visit,
          session: session ?? undefined,
        });
        await settle(again);
        assertEquals(again.server.resumption, {
          resumed: false,
          // In TLS 1.2 a server can't say that the session's id is none.
          reason: version === "TLSv1.2" ? "disabled" : "none-offered",
        });
        assertEquals(site.store.calls, []);
      });
    }
  }
});
