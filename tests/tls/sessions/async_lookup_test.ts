import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TlsContext } from "@sesame/tls";
import { type Ends, exchange } from "../../support/engines.ts";
import { Gate, later } from "../../support/probed_store.ts";
import {
  SANITIZED,
  settle,
  Site,
  visitOf,
  type VisitOptions,
} from "../../support/site.ts";

const FROM_STORE = { resumed: true, from: "store" } as const;
const CLIENT_HELLO = 1;
const SESSION_ID_AT = 43;

/** The legacy session id of the client hello that a record holds. */
function legacySessionId(record: Uint8Array): string {
  assertEquals(record[5], CLIENT_HELLO);
  const length = record[SESSION_ID_AT] ?? 0;
  return record.subarray(SESSION_ID_AT + 1, SESSION_ID_AT + 1 + length).join();
}

/** A handshake that never waits, a byte at a time. */
function rush(ends: Ends): void {
  const { client, server } = ends;
  for (let round = 0; round < 6; round++) {
    for (const byte of client.send()) {
      server.receive(Uint8Array.of(byte));
      assertEquals(server.pending, null);
    }
    client.receive(server.send());
  }
}

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  describe(`A look-up of a ${version} session`, SANITIZED, () => {
    it("suspends the handshake until the store answers, and no longer", async () => {
      using site = new Site();
      using server = site.server();
      const session = await site.session(server, { version });
      const gate = new Gate("get");
      site.store.handle = gate.handle;

      using ends = site.ends(server, { version, session });
      exchange(ends);
      assert(ends.server.pending !== null);
      assertEquals(ends.server.state, "handshaking");
      assertEquals(ends.server.send().length, 0);
      assertEquals(site.store.of("get").length, 1);

      gate.open();
      await ends.server.pending;
      assertEquals(ends.server.pending, null);
      exchange(ends);
      assertEquals(visitOf(ends).resumption, FROM_STORE);
      assertEquals(ends.client.info?.resumed, true);
      assertEquals(site.store.of("get").length, 1);
      assertEquals(site.failures, []);
    });

    it("asks for an id that the store was given", async () => {
      using site = new Site();
      using server = site.server();
      site.store.handle = later;
      const session = await site.session(server, { version });
      assertEquals(
        await site.resume(server, { version, session }),
        FROM_STORE,
      );
      const [id] = site.store.ids("get");
      assert(id && site.store.ids("set").includes(id));
    });

    it("that finds nothing is followed by a full handshake", async () => {
      using site = new Site();
      using server = site.server();
      site.store.handle = later;
      const session = await site.session(server, { version });
      site.store.inner.clear();
      assertEquals(
        await site.resume(server, { version, session }),
        { resumed: false, reason: "unknown-id" },
      );
      assertEquals(site.failures, []);
    });

    it("never suspends it where the store answers at once", async () => {
      using site = new Site();
      using server = site.server();
      using first = site.ends(server, { version });
      rush(first);
      const { session } = visitOf(first);
      using second = site.ends(server, { version, session });
      rush(second);
      assertEquals(visitOf(second).resumption, FROM_STORE);
      await Promise.resolve();
    });

    it("leaves what comes meanwhile for later", async () => {
      using site = new Site();
      using server = site.server();
      const session = await site.session(server, { version });
      site.store.handle = later;
      using ends = site.ends(server, { version, session });
      const hello = ends.client.send();
      ends.server.receive(hello.subarray(0, 50));
      assertEquals(ends.server.pending, null);
      ends.server.receive(hello.subarray(50));
      // What belongs after the handshake can't be told from the next flight yet.
      ends.server.receive(Uint8Array.of(22));
      assertEquals(ends.server.send().length, 0);
      await ends.server.pending;
      assert(ends.server.send().length > 0);
      assertEquals(ends.server.state, "handshaking");
    });
  });
}

describe("A look-up through a HelloRetryRequest", SANITIZED, () => {
  for (const [how, handle] of [["sync", null], ["async", later]] as const) {
    it(`happens once and is pinned (${how})`, async () => {
      using site = new Site();
      using server = site.server({ configure: [["Groups", "P-384"]] });
      const options = {
        client: { configure: [["Groups", "X25519:P-384"]] },
      } satisfies VisitOptions;
      const session = await site.session(server, options);
      if (handle) site.store.handle = handle;

      using ends = site.ends(server, { ...options, session });
      const hello = ends.client.send();
      ends.server.receive(hello);
      await ends.server.pending;
      ends.client.receive(ends.server.send());
      const second = ends.client.send();
      const at = second[0] === 20 ? 6 : 0; // after the ChangeCipherSpec record
      assertEquals(second[at + 5], CLIENT_HELLO);
      // A store that has forgotten the session since makes no difference.
      site.store.inner.clear();
      ends.server.receive(second);
      await settle(ends);
      assertEquals(visitOf(ends).resumption, FROM_STORE);
      assertEquals(ends.client.info?.group, "secp384r1");
      assertEquals(site.store.of("get").length, 1);
    });
  }

  it("that finds nothing isn't repeated either", async () => {
    using site = new Site();
    using server = site.server({ configure: [["Groups", "P-384"]] });
    const client = { configure: [["Groups", "X25519:P-384"]] } as const;
    const session = await site.session(server, { client });
    site.store.inner.clear();
    site.store.handle = later;
    assertEquals(
      await site.resume(server, { client, session }),
      { resumed: false, reason: "unknown-id" },
    );
    assertEquals(site.store.of("get").length, 1);
  });
});

describe("The legacy session id", SANITIZED, () => {
  it("of a TLS 1.3 hello is not looked up", async () => {
    using site = new Site();
    using server = site.server();
    using ends = site.ends(server);
    const hello = ends.client.send();
    assert(legacySessionId(hello).length > 0);
    ends.server.receive(hello);
    await settle(ends);
    assertEquals(site.store.of("get"), []);
    const { session } = visitOf(ends);

    using again = site.ends(server, { session });
    const other = again.client.send();
    again.server.receive(other);
    await settle(again);
    const [{ id } = assertFailed(), ...rest] = site.store.of("get");
    assert(id.join() !== legacySessionId(other));
    assertEquals(rest, []);
  });

  const servers: [string, (site: Site) => TlsContext][] = [
    ["maxVersion", (site) => site.server({ maxVersion: "TLSv1.2" })],
    [
      "MaxProtocol",
      (site) => site.server({ configure: [["MaxProtocol", "TLSv1.2"]] }),
    ],
    [
      "Protocol",
      (site) => site.server({ configure: [["Protocol", "-TLSv1.3"]] }),
    ],
    [
      "maxVersion of the context that contextFor chooses",
      (site) => {
        const chosen = site.server({ maxVersion: "TLSv1.2" });
        return site.server({ contextFor: () => chosen });
      },
    ],
  ];
  for (const [what, make] of servers) {
    it(`of a TLS 1.3 client counts at a server of TLS 1.2 by ${what}`, async () => {
      using site = new Site();
      using server = make(site);
      const session = await site.session(server);
      assertEquals(session.protocol, "TLSv1.2");
      // The client says that it could do 1.3, and proposes a session of 1.2.
      assertEquals(await site.resume(server, { session }), FROM_STORE);
    });
  }

  it("is not looked up where the chosen context is of TLS 1.3", async () => {
    using site = new Site();
    const chosen = site.server();
    using server = site.server({
      maxVersion: "TLSv1.2",
      contextFor: () => chosen,
    });
    const session = await site.session(server);
    assertEquals(session.protocol, "TLSv1.3");
    assertEquals(await site.resume(server, { session }), FROM_STORE);
    assertEquals(site.store.of("get").length, 1);
  });
});

function assertFailed(): never {
  throw new Error("Nothing was looked up");
}
