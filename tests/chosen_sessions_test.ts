import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createTestCertificate } from "@sesame/tls/testing";
import { ProbedStore } from "./support/probed_store.ts";
import { SANITIZED, Site, VERSIONS } from "./support/site.ts";

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

    it(`don't go to its store where they are tickets (${version})`, async () => {
      using site = new Site();
      const chosen = site.server(b);
      const server = site.context({
        ...a,
        ticketKeys: [new Uint8Array(80).fill(7)],
        contextFor: () => chosen,
      });
      const session = await site.session(server, visit);
      assertEquals(
        await site.resume(server, { ...visit, session }),
        { resumed: true, from: "ticket" },
      );
      assertEquals(site.store.calls, []);
    });
  }
});
