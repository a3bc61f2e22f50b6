import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { startTls, TlsContext, type TlsPeersInfo } from "@sesame/tls";
import type { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestCertificate } from "@sesame/tls/testing";
import { certificate } from "../../support/engines.ts";
import { SANITIZED, Site, VERSIONS } from "../../support/site.ts";

const FROM_STORE = { resumed: true, from: "store" } as const;
const UNKNOWN = { resumed: false, reason: "unknown-id" } as const;

describe("A context's tag", SANITIZED, () => {
  for (const version of VERSIONS) {
    describe(version, () => {
      it("names the sessions of one user, who are revoked together", async () => {
        using site = new Site();
        const users = [userOf("alice"), userOf("bob")];
        const server = site.server({
          tag: ({ peerCertificate }) => peerCertificate?.subject,
          clientAuth: "request",
          caCerts: users.map(({ cert }) => cert),
          sessions: site.store.inner,
        });
        const sessions = await Promise.all(
          [...users, {}].map((client) =>
            site.session(server, { version, client })
          ),
        );
        assertEquals(await tagsIn(site.store.inner), {
          "CN=alice": version === "TLSv1.3" ? 2 : 1,
          "CN=bob": version === "TLSv1.3" ? 2 : 1,
          "none": version === "TLSv1.3" ? 2 : 1,
        });

        site.store.inner.revoke({ tag: "CN=alice" });
        const resumptions = [];
        for (const [i, session] of sessions.entries()) {
          const client = users[i] ?? {};
          resumptions.push(
            await site.resume(server, { version, session, client }),
          );
        }
        assertEquals(resumptions, [UNKNOWN, FROM_STORE, FROM_STORE]);
      });

      it("is asked of a resumed connection's new sessions too", async () => {
        using site = new Site();
        const seen: TlsPeersInfo[] = [];
        const server = site.server({
          tag: (socket) => {
            seen.push(socket);
            return "all";
          },
          sessions: site.store.inner,
        });
        const session = await site.session(server, { version });
        assertEquals(
          await site.resume(server, { version, session }),
          FROM_STORE,
        );
        const [full, ...more] = seen;
        assertEquals(full?.protocol, version);
        assertEquals(full?.serverName, "localhost");
        assertEquals(full?.resumed, false);
        assertEquals(full?.remoteAddress, null);
        // TLS 1.3 gives two tickets in full, and one more on resumption.
        assertEquals(
          more.map(({ resumed }) => resumed),
          version === "TLSv1.3" ? [false, true] : [],
        );
        site.store.inner.revoke({ tag: "all" });
        assertEquals(site.store.inner.size, 0);
      });
    });
  }

  it("may be none", async () => {
    using site = new Site();
    const server = site.server({
      tag: () => undefined,
      sessions: site.store.inner,
    });
    const session = await site.session(server);
    assertEquals(await tagsIn(site.store.inner), { none: 2 });
    assertEquals(await site.resume(server, { session }), FROM_STORE);
  });

  it("keeps a session out of the store if it fails", async () => {
    const wrong: [unknown, string][] = [
      [42, "tag must be a string, received 42"],
      [
        Promise.resolve("later"),
        "tag must be a string, received an object of class Promise",
      ],
      [
        Promise.reject(1),
        "tag must be a string, received an object of class Promise",
      ],
      [null, "tag must be a string, received null"],
      ["", "tag must be 1 to 256 bytes"],
      ["x".repeat(257), "tag must be 1 to 256 bytes"],
      ["\ud800", "tag must be 1 to 256 bytes of well-formed UTF-8"],
    ];
    for (const [answer, message] of wrong) {
      using site = new Site();
      const server = site.server({
        tag: () => answer as string,
        sessions: site.store.inner,
      });
      using visit = await site.visit(server);
      assertEquals(visit.server.state, "open");
      assertEquals(site.store.inner.size, 0);
      assertEquals(site.failures.map(([operation]) => operation), [
        "tag",
        "tag",
      ]);
      assert(String(site.failures[0]?.[1]).includes(message), message);
    }
  });

  it("keeps a session out of the store if it throws", async () => {
    using site = new Site();
    const down = new Error("no such user");
    const server = site.server({
      tag: () => {
        throw down;
      },
      sessions: site.store.inner,
    });
    const session = await site.session(server);
    assertEquals(site.failures, [["tag", down], ["tag", down]]);
    assertEquals(await site.resume(server, { session }), UNKNOWN);
    assertEquals(server.stats.storeErrors, 4);
  });

  it("sees the addresses of a socket", async () => {
    using site = new Site();
    const seen: (string | null)[][] = [];
    const context = site.server({
      tag: ({ remoteAddress, localAddress }) => {
        seen.push([remoteAddress, localAddress]);
        return remoteAddress ?? undefined;
      },
      sessions: site.store.inner,
    });
    const there = new TransformStream<Uint8Array, Uint8Array>();
    const back = new TransformStream<Uint8Array, Uint8Array>();
    await using _server = startTls({
      readable: there.readable,
      writable: back.writable,
      remoteAddress: "192.0.2.7:50000",
      localAddress: "198.51.100.1:443",
    }, { role: "server", context });
    await using client = startTls(
      { readable: back.readable, writable: there.writable },
      {
        role: "client",
        context: site.client({ caCerts: [certificate.cert] }),
        hostname: "localhost",
      },
    );
    await client.opened;
    await client.sessions.getReader().read();
    const addresses = ["192.0.2.7:50000", "198.51.100.1:443"];
    assertEquals(seen, [addresses, addresses]);
    assertEquals(await tagsIn(site.store.inner), { "192.0.2.7:50000": 2 });
  });

  it("needs a store that can revoke", () => {
    using site = new Site();
    const tag = (): string => "all";
    const { get, set, delete: remove } = site.store;
    assertThrows(
      () => new TlsContext({ ...certificate, tag }),
      TypeError,
      "options.tag needs options.sessions",
    );
    assertThrows(
      () => site.server({ tag, sessions: { get, set, delete: remove } }),
      TypeError,
      "options.tag needs a store that can revoke: options.sessions has no method revoke",
    );
    assertThrows(
      () => site.server({ tag: "all" as unknown as typeof tag }),
      TypeError,
      'options.tag must be a function, received "all"',
    );
  });
});

/** A client's own certificate, which is its own root. */
function userOf(commonName: string): { cert: string; key: string } {
  return createTestCertificate({ hosts: [commonName] });
}

/** How many sessions a store has of each tag. */
async function tagsIn(
  store: MemorySessionStore,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for await (const { tag = "none" } of store.entries()) {
    counts[tag] = (counts[tag] ?? 0) + 1;
  }
  return counts;
}
