import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type RemovalReason, type TlsContext, TlsError } from "@sesame/tls";
import { type Ends, exchange } from "../../support/engines.ts";
import { Gate, honest, later, turn } from "../../support/probed_store.ts";
import {
  encode,
  SANITIZED,
  Site,
  tampered,
  VERSIONS,
} from "../../support/site.ts";

/** The ids that a site's store was told to delete, sorted, and why. */
function deletions({ store }: Site): { ids: string[]; reasons: unknown[] } {
  const reasons = new Set(store.of("delete").map(({ reason }) => reason));
  return { ids: store.ids("delete").sort(), reasons: [...reasons] };
}

/** Has the server fail, by a record that is not what the client sent. */
function breakConnection({ client, server }: Ends): void {
  client.write(encode("x"));
  assertThrows(() => server.receive(tampered(client.send())), TlsError);
}

for (const version of VERSIONS) {
  describe(`A fatal alert over ${version}`, SANITIZED, () => {
    for (const [how, handle] of [["sync", honest], ["async", later]] as const) {
      it(`deletes every session that the connection was given (${how})`, async () => {
        using site = new Site();
        site.store.handle = handle;
        using visit = await site.visit(site.server(), { version });
        breakConnection(visit);
        for (let i = 0; i < 2; i++) await turn();
        assertEquals(deletions(site), {
          ids: site.store.ids("set").sort(),
          reasons: ["fatal"],
        });
        assertEquals(site.store.inner.size, 0);
      });

      it(`and the one that it resumed (${how})`, async () => {
        using site = new Site();
        const server = site.server();
        const session = await site.session(server, { version });
        site.store.calls.length = 0;
        site.store.handle = handle;
        using visit = await site.visit(server, { version, session });
        breakConnection(visit);
        await turn();
        const { get, set } = {
          get: site.store.ids("get"),
          set: site.store.ids("set"),
        };
        assertEquals(deletions(site), {
          ids: [...get, ...set].sort(),
          reasons: ["fatal"],
        });
        assertEquals(
          (await site.resume(server, { version, session })).resumed,
          false,
        );
      });
    }

    it("that the client sends does too", async () => {
      using site = new Site();
      using visit = await site.visit(site.server(), { version });
      visit.server.write(encode("x"));
      assertThrows(
        () => visit.client.receive(tampered(visit.server.send())),
        TlsError,
      );
      assertThrows(() => visit.server.receive(visit.client.send()), TlsError);
      assertEquals(deletions(site).ids, site.store.ids("set").sort());
    });

    it("comes after a write that is still pending", async () => {
      using site = new Site();
      const gate = new Gate("set");
      site.store.handle = gate.handle;
      const server = site.server({ commit: "background" });
      using visit = await site.visit(server, { version });
      breakConnection(visit);
      visit.server[Symbol.dispose]();
      await turn();
      assertEquals(deletions(site).ids, []);
      gate.open();
      await turn();
      assertEquals(deletions(site), {
        ids: site.store.ids("set").sort(),
        reasons: ["fatal"],
      });
      assertEquals(site.store.inner.size, 0);
    });

    it("comes after a write that took too long, or failed", async () => {
      using site = new Site();
      const gate = new Gate("set");
      site.store.handle = gate.handle;
      const server = site.server({ writeTimeout: 5 });
      using visit = await site.visit(server, { version });
      breakConnection(visit);
      await turn();
      assertEquals(deletions(site).ids, []);
      gate.fail();
      await turn();
      assertEquals(deletions(site).ids, site.store.ids("set").sort());
    });

    it("in a handshake takes nothing away from whom the session belongs to", async () => {
      using site = new Site();
      const server = site.server();
      const session = await site.session(server, { version });
      // Someone who has seen the id proposes it, and can't go on.
      using ends = site.ends(server, { version, session });
      const hello = ends.client.send();
      if (version === "TLSv1.3") {
        assertThrows(() => ends.server.receive(tampered(hello)), TlsError);
      } else {
        ends.server.receive(hello);
        const alert = Uint8Array.of(21, 3, 3, 0, 2, 2, 80);
        assertThrows(() => ends.server.receive(alert), TlsError);
      }
      assertEquals(ends.server.state, "failed");
      assertEquals(site.store.of("get").length, 1);
      assertEquals(site.store.of("delete"), []);
      assertEquals(
        await site.resume(server, { version, session }),
        { resumed: true, from: "store" },
      );
    });

    it("in a handshake deletes a session whose id a key was needed for", async () => {
      using site = new Site();
      const server = site.server({ sessionIdKey: new Uint8Array(16).fill(1) });
      const session = await site.session(server, { version });
      using ends = site.ends(server, { version, session });
      const hello = ends.client.send();
      assertThrows(() => {
        ends.server.receive(version === "TLSv1.3" ? tampered(hello) : hello);
        ends.server.receive(Uint8Array.of(21, 3, 3, 0, 2, 2, 80));
      }, TlsError);
      assertEquals(
        site.store.of("delete").map(({ reason }) => reason),
        ["fatal"],
      );
      assertEquals(
        await site.resume(server, { version, session }),
        { resumed: false, reason: "unknown-id" },
      );
    });
  });

  describe(`A ${version} session is kept`, SANITIZED, () => {
    const keeping: [
      string,
      (site: Site, server: TlsContext, ends: Ends) => void,
    ][] = [
      ["by a clean end", (_site, _server, ends) => {
        ends.client.close();
        ends.server.close();
        exchange(ends);
      }],
      ["by an end without close_notify", (_site, _server, { server }) => {
        assertThrows(() => server.endOfInput(), TlsError);
      }],
      ["by one who disposes of the connection", () => {}],
      ["by closing its context", (_site, server) => server.close()],
      ["when it expires", (site) => void (site.time += 7_200_000)],
    ];
    for (const [how, act] of keeping) {
      it(how, async () => {
        using site = new Site();
        const server = site.server();
        const visit = await site.visit(server, { version });
        act(site, server, visit);
        visit[Symbol.dispose]();
        const { session } = visit;
        const { resumed } = await site.resume(site.server(), {
          version,
          session,
        });
        assertEquals(resumed, how !== "when it expires");
        assertEquals(site.store.of("delete"), []);
      });
    }
  });

  describe(
    `With uncleanClose "remove", a ${version} session`,
    SANITIZED,
    () => {
      const ends: [string, (ends: Ends) => void, RemovalReason[]][] = [
        ["goes with the transport", ({ server }) => {
          assertThrows(() => server.endOfInput(), TlsError);
        }, ["unclean"]],
        ["goes with the engine", () => {}, ["unclean"]],
        ["stays after the client's close_notify", ({ client, server }) => {
          client.close();
          server.receive(client.send());
        }, []],
        [
          "stays after the server's close_notify",
          ({ server }) => server.close(),
          [],
        ],
      ];
      for (const [what, act, reasons] of ends) {
        it(what, async () => {
          using site = new Site();
          const server = site.server({ uncleanClose: "remove" });
          const visit = await site.visit(server, { version });
          act(visit);
          visit[Symbol.dispose]();
          assertEquals(deletions(site).reasons, reasons);
          assertEquals(
            deletions(site).ids,
            reasons.length > 0 ? site.store.ids("set").sort() : [],
          );
        });
      }

      it("stays when a handshake that proposes it breaks off", async () => {
        using site = new Site();
        const server = site.server({ uncleanClose: "remove" });
        const first = await site.visit(server, { version });
        first.server.close();
        first[Symbol.dispose]();
        using ends = site.ends(server, { version, session: first.session });
        ends.server.receive(ends.client.send());
        assertThrows(() => ends.server.endOfInput(), TlsError);
        assertEquals(site.store.of("delete"), []);
      });

      it("goes by the initial context's word, where contextFor chose another", async () => {
        using site = new Site();
        const chosen = site.context();
        const server = site.server({
          uncleanClose: "remove",
          contextFor: () => chosen,
        });
        (await site.visit(server, { version }))[Symbol.dispose]();
        assertEquals(deletions(site).reasons, ["unclean"]);
      });
    },
  );
}

describe("A deletion that fails", SANITIZED, () => {
  it("is reported, and counted", async () => {
    using site = new Site();
    const down = new Error("down");
    site.store.handle = ({ operation }, act) =>
      operation === "delete" ? Promise.reject(down) : act();
    const server = site.server();
    using visit = await site.visit(server, { version: "TLSv1.2" });
    breakConnection(visit);
    await turn();
    assertEquals(site.failures, [["delete", down]]);
    assertEquals(server.stats.storeErrors, 1);
    assertEquals(server.stats.deletions, 1);
    assert(visit.server.error);
  });
});
