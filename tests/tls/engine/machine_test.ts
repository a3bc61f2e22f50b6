/** What a connection's machine in C keeps to, whatever passes through it. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  OpenSSL,
  type SessionStore,
  TlsContext,
  TlsEngine,
  TlsError,
  type TlsSession,
} from "../../../mod.ts";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import { createTestCertificate } from "../../../src/testing/mod.ts";
import { withMemory } from "../../support/crossings.ts";
import { connections } from "../../../src/tls/engine/connection.ts";
import { type Ends, endsOf, exchange } from "../../support/engines.ts";

const OWN = createTestCertificate();
const CLIENT = { caCerts: [OWN.cert] };

function connected(
  server: TlsContext,
  client: TlsContext,
  session?: TlsSession,
): Ends & Disposable {
  const ends = {
    server: new TlsEngine(server, { role: "server" }),
    client: new TlsEngine(client, {
      role: "client",
      hostname: "localhost",
      ...(session && { session }),
    }),
    [Symbol.dispose](): void {
      ends.server[Symbol.dispose]();
      ends.client[Symbol.dispose]();
    },
  };
  exchange(ends);
  assertEquals([ends.client.state, ends.server.state], ["open", "open"]);
  return ends;
}

/** Whether an instance's memory holds some bytes. */
function holds(memory: WebAssembly.Memory, bytes: Uint8Array): boolean {
  const all = new Uint8Array(memory.buffer);
  for (let at = all.indexOf(bytes[0] ?? 0); at >= 0;) {
    if (bytes.every((byte, i) => all[at + i] === byte)) return true;
    at = all.indexOf(bytes[0] ?? 0, at + 1);
  }
  return false;
}

describe("A connection's machine", () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`leaves no data and no session in memory (${maxVersion})`, () => {
      const [openssl, memory] = withMemory(() => new OpenSSL());
      const records: Uint8Array[] = [];
      const inner = new MemorySessionStore();
      const sessions: SessionStore = {
        get: (id) => inner.get(id),
        set: (id, record, options) => {
          records.push(new Uint8Array(record));
          inner.set(id, record, options);
        },
        delete: (id, reason) => inner.delete(id, reason),
      };
      using server = new TlsContext({ ...OWN, openssl, sessions, maxVersion });
      using client = new TlsContext(CLIENT);
      let session: TlsSession | undefined;
      for (const resumed of [false, true]) {
        using ends = connected(server, client, session);
        assertEquals(ends.server.info?.resumed, resumed);
        const secret = crypto.getRandomValues(new Uint8Array(64));
        for (
          const [from, to] of [["client", "server"], ["server", "client"]]
            .map((names) => names as ["client" | "server", "client" | "server"])
        ) {
          ends[from].write(secret);
          exchange(ends);
          assertEquals(ends[to].read(), secret);
        }
        assert(!holds(memory, secret), "the data is wiped");
        session = ends.client.session ?? session;
      }
      assert(records.length > 0);
      for (const record of records) {
        // What of the DER no SSL_SESSION has as it stands: from the version to the cipher suite.
        const der = record.subarray(10 + (record[9] ?? 0));
        assert(!holds(memory, der.subarray(0, 24)), "the DER is wiped");
      }
    });

    it(`passes data of any size in one call (${maxVersion})`, () => {
      using server = new TlsContext({ ...OWN, maxVersion });
      using client = new TlsContext(CLIENT);
      using ends = connected(server, client);
      for (const length of [0, 1, 16_384, 65_536, 65_537, 300_000]) {
        const data = new Uint8Array(length).map((_, i) => i % 251);
        ends.client.write(data);
        ends.server.write(data);
        ends.server.receive(ends.client.send());
        ends.client.receive(ends.server.send());
        assertEquals(ends.server.read(), data);
        assertEquals(ends.client.read(), data);
      }
    });

    it(`resumes a session that is larger than its own area (${maxVersion})`, () => {
      const hosts = Array.from(
        { length: 400 },
        (_, i) => `client-${i}.example`,
      );
      const own = createTestCertificate({ hosts });
      const sessions = new MemorySessionStore();
      using server = new TlsContext({
        ...OWN,
        sessions,
        maxVersion,
        clientAuth: "require",
        caCerts: [own.cert],
      });
      using client = new TlsContext({ ...CLIENT, ...own });
      using first = connected(server, client);
      const session = first.client.session;
      assert(session);
      using second = connected(server, client, session);
      assertEquals(second.server.resumption, { resumed: true, from: "store" });
      const raw = second.server.info?.peerCertificate?.raw ?? new Uint8Array();
      assert(raw.length > 4096);
    });
  }

  for (const sizes of [[3, 4, 5], [200_000], [65_536, 1]]) {
    it(`ends after all that was written before the handshake (${sizes})`, () => {
      using server = new TlsContext(OWN);
      using client = new TlsContext(CLIENT);
      using ends = endsOf(server, client);
      for (const end of [ends.server, ends.client]) {
        for (const size of sizes) end.write(new Uint8Array(size));
        end.close();
      }
      exchange(ends);
      const all = sizes.reduce((sum, size) => sum + size, 0);
      for (const end of [ends.server, ends.client]) {
        assertEquals([end.state, end.error], ["closed", null]);
        assertEquals(end.read().length, all);
      }
    });
  }

  it("isn't entered by what it asks, and goes on", () => {
    const errors: TlsError[] = [];
    using client = new TlsContext(CLIENT);
    using plain = new TlsContext(OWN);
    using other = connected(plain, client);
    using server = new TlsContext({
      ...OWN,
      sessions: new MemorySessionStore(),
      tag: () => {
        if (other.server.state === "open") {
          errors.push(
            assertThrows(() => other.server.write(Uint8Array.of(1)), TlsError),
          );
        }
        return "tag";
      },
    });
    using ends = connected(server, client);
    assertEquals(
      errors.map(({ code }) => code),
      Array(errors.length).fill("reentrant-call"),
    );
    // Nothing has become of the one that was called.
    for (const each of [ends, other]) {
      each.client.write(Uint8Array.of(7));
      exchange(each);
      assertEquals(each.server.read(), Uint8Array.of(7));
      assertEquals(each.server.error, null);
    }
  });

  for (const method of ["receive", "write", "close", "endOfInput"] as const) {
    it(`keeps to its end, or goes on, if a callback calls ${method}`, () => {
      using client = new TlsContext(CLIENT);
      const state: { server?: TlsEngine } = {};
      using server = new TlsContext({
        ...OWN,
        contextFor: () => {
          assertThrows(
            () => state.server?.[method](Uint8Array.of(1)),
            TlsError,
            method === "endOfInput" ? "transport ended" : "in a callback",
          );
          return undefined;
        },
      });
      using ends = endsOf(server, client);
      state.server = ends.server;
      ends.server.receive(ends.client.send());
      if (method === "endOfInput") {
        assertEquals(ends.server.state, "failed");
        assertEquals(ends.server.error?.code, "truncated");
        return;
      }
      exchange(ends);
      assertEquals([ends.server.state, ends.server.error], ["open", null]);
    });
  }

  for (const when of ["before the choice", "before a refusal"]) {
    it(`is over once a callback has disposed of it, ${when}`, () => {
      using client = new TlsContext(CLIENT);
      const state: { server?: TlsEngine } = {};
      using server = new TlsContext({
        ...OWN,
        contextFor: () => {
          state.server?.[Symbol.dispose]();
          if (when === "before a refusal") throw new Error("refused");
          return undefined;
        },
      });
      using ends = endsOf(server, client);
      state.server = ends.server;
      ends.server.receive(ends.client.send());
      assertEquals([ends.server.state, ends.server.error], ["closed", null]);
    });
  }

  it("has no connection any more that a new session's callback has disposed of", () => {
    using client = new TlsContext(CLIENT);
    const state: { server?: TlsEngine } = {};
    using server = new TlsContext({
      ...OWN,
      sessions: new MemorySessionStore(),
      maxVersion: "TLSv1.2",
      tag: () => {
        state.server?.[Symbol.dispose]();
        return "tag";
      },
    });
    using ends = endsOf(server, client);
    state.server = ends.server;
    ends.server.receive(ends.client.send());
    ends.client.receive(ends.server.send());
    ends.server.receive(ends.client.send());
    const { state: is, info, resumption } = ends.server;
    assertEquals([is, info, resumption], ["closed", null, null]);
    assertThrows(() => connections.get(ends.server).ssl, TypeError, "freed");
  });
});
