import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import {
  connectTls,
  type ConnectTlsOptions,
  listenTls,
  type ListenTlsOptions,
  type SessionStore,
  type StoreOperation,
  type TlsListener,
  type TlsSession,
  type TlsSocket,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestCertificate } from "@sesame/tls/testing";
import { certificate } from "./support/engines.ts";
import { ProbedStore } from "./support/probed_store.ts";
import {
  hear,
  NOTHING_LEFT,
  say,
  settle,
  tlsErrorOf,
} from "./support/sockets.ts";
import { AsyncStore } from "./testdata/async_store.ts";

const { cert, key } = certificate;
const HOSTNAME = "127.0.0.1";
const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

let store: ProbedStore;
let failures: [StoreOperation, unknown][];

/** What the store was asked since the last time. */
function operations(): string {
  return store.calls.splice(0).map(({ operation }) => operation).join(" ");
}

/** A server that says hello. */
function serve(options: Partial<ListenTlsOptions> = {}): TlsListener {
  const listener = listenTls({
    hostname: HOSTNAME,
    port: 0,
    cert,
    key,
    ...options,
  });
  (async () => {
    for await (const socket of listener) {
      say(socket, "hello").then(() => socket.close()).catch(() => {});
    }
  })();
  return listener;
}

/** One connection, with what the tests say of the store. */
async function visit(
  { addr }: TlsListener,
  options: Partial<ConnectTlsOptions> = {},
): Promise<TlsSocket> {
  const socket = await connectTls({
    hostname: HOSTNAME,
    port: addr.port,
    caCerts: [cert],
    sessions: store,
    onStoreError: (error, operation) => failures.push([operation, error]),
    ...options,
  });
  assertEquals(await hear(socket), "hello");
  await socket.close();
  return socket;
}

async function resumes(
  ...args: Parameters<typeof visit>
): Promise<boolean | undefined> {
  return (await visit(...args)).info?.resumed;
}

function setUp(): void {
  store = new ProbedStore();
  failures = [];
}

for (const version of VERSIONS) {
  describe(`A client's ${version} sessions in a store`, NOTHING_LEFT, () => {
    beforeEach(setUp);

    it("resume, each time with the newest", async () => {
      using server = serve({ maxVersion: version });
      assertEquals(await resumes(server), false);
      assertEquals(store.inner.size, 1);
      for (let i = 0; i < 3; i++) assertEquals(await resumes(server), true);
      assertEquals(store.inner.size, 1);
      assertEquals(failures, []);
    });

    it("resume where the store's answers are promises", async () => {
      using server = serve({ maxVersion: version });
      const sessions = new AsyncStore(new MemorySessionStore());
      assertEquals(await resumes(server, { sessions }), false);
      assertEquals(await resumes(server, { sessions }), true);
      assertEquals(failures, []);
    });

    it("resume where the store can't take", async () => {
      using server = serve({ maxVersion: version });
      const { inner } = store;
      const sessions: SessionStore = {
        get: (id) => inner.get(id),
        set: (id, record, options) => inner.set(id, record, options),
        delete: (id, reason) => inner.delete(id, reason),
      };
      assertEquals(await resumes(server, { sessions }), false);
      assertEquals(await resumes(server, { sessions }), true);
      assertEquals(await resumes(server, { sessions }), true);
    });

    it("are left in the store if they may be used again", async () => {
      using server = serve({ maxVersion: version });
      await visit(server, { singleUse: false });
      operations();
      assertEquals(await resumes(server, { singleUse: false }), true);
      assert(operations().startsWith("get"));
    });

    it("come through the socket's stream as well", async () => {
      using server = serve({ maxVersion: version });
      const socket = await visit(server);
      const sessions: TlsSession[] = [];
      for await (const session of socket.sessions) sessions.push(session);
      assert(sessions.length > 0);
      const [session] = sessions;
      assert(session);
      assertEquals(
        await resumes(server, { session, sessions: undefined! }),
        true,
      );
    });
  });
}

describe("A client's sessions in a store", NOTHING_LEFT, () => {
  beforeEach(setUp);

  it("of TLS 1.3 are taken out to be used, those of 1.2 come back", async () => {
    for (
      const [maxVersion, expected] of [
        ["TLSv1.3", "take"],
        ["TLSv1.2", "take set"],
      ] as const
    ) {
      setUp();
      using server = serve({ maxVersion });
      await visit(server);
      operations();
      const socket = await connectTls({
        hostname: HOSTNAME,
        port: server.addr.port,
        caCerts: [cert],
        sessions: store,
      });
      assertEquals(socket.info?.resumed, true);
      assertEquals(operations(), expected);
      await socket.close();
    }
  });

  it("are one server's, under one trust, and one identity", async () => {
    using one = serve();
    using another = serve();
    const mine = createTestCertificate();
    await visit(one);
    const differing: Partial<ConnectTlsOptions>[] = [
      { caCerts: [cert, mine.cert] },
      { cert: mine.cert, key: mine.key },
      { alpnProtocols: ["h2"] },
    ];
    assertEquals(await resumes(another), false);
    for (const options of differing) {
      assertEquals(await resumes(one, options), false);
      assertEquals(await resumes(one, options), true);
    }
    assertEquals(await resumes(one), true);
    const id = new TextDecoder().decode(store.calls[0]?.id);
    assertStringIncludes(id, `${HOSTNAME}:${one.addr.port}#`);
  });

  it("carry early data, as much as they allow", async () => {
    const early: string[] = [];
    const listener = listenTls({
      hostname: HOSTNAME,
      port: 0,
      cert,
      key,
      sessions: new MemorySessionStore(),
      singleUse: true,
      maxEarlyData: 10,
    });
    const serving = (async () => {
      for await (const socket of listener) {
        early.push(await new Response(socket.earlyData).text());
        await say(socket, "hello");
        await socket.close();
      }
    })();
    const statuses: unknown[] = [];
    for (const text of ["none yet", "early", "too much of it"]) {
      const earlyData = new TextEncoder().encode(text);
      const { info } = await visit(listener, { earlyData });
      statuses.push([info?.resumed, info?.earlyData]);
    }
    assertEquals(statuses, [[false, "none"], [true, "accepted"], [
      true,
      "none",
    ]]);
    listener.close();
    await serving;
    assertEquals(early, ["", "early", ""]);
  });

  it("don't outlive a connection that failed", async () => {
    const server = serve();
    await visit(server, { singleUse: false });
    assertEquals(store.inner.size, 1);
    server.close();
    await settle(); // the port is free when accept() has failed
    using successor = serve({ port: server.addr.port, maxVersion: "TLSv1.2" });
    await tlsErrorOf(
      visit(successor, { minVersion: "TLSv1.3", singleUse: false }),
      "handshake",
    );
    assertEquals(store.inner.size, 0);
    assertEquals(store.calls.at(-1)?.reason, "fatal");
  });
});

describe(
  "A client's store that fails costs a full handshake",
  NOTHING_LEFT,
  () => {
    beforeEach(setUp);

    const faults: [string, () => unknown, StoreOperation][] = [
      ["by throwing", () => {
        throw new Error("down");
      }, "take"],
      ["by rejecting", () => Promise.reject(new Error("down")), "take"],
      ["by not answering", () => new Promise(() => {}), "take"],
      ["by nonsense", () => new Uint8Array(100), "get"],
      ["by what isn't bytes", () => "session", "get"],
    ];
    for (const [how, fault, operation] of faults) {
      it(how, async () => {
        using server = serve();
        await visit(server);
        store.handle = (call, act) =>
          call.operation === "take" ? fault() : act();
        assertEquals(await resumes(server, { lookupTimeout: 20 }), false);
        assertEquals(failures.map(([operation]) => operation), [operation]);
      });
    }

    it("by another server's record", async () => {
      using server = serve();
      await visit(server);
      store.handle = (call, act) => {
        const answer = act();
        if (call.operation === "take" && answer instanceof Uint8Array) {
          answer[12]! ^= 1; // in what the session is bound to
        }
        return answer;
      };
      assertEquals(await resumes(server), false);
      assertEquals(failures.length, 1);
    });

    for (const slow of [false, true]) {
      it(slow ? "by not storing in time" : "by not storing", async () => {
        using server = serve();
        store.handle = (call, act) => {
          if (call.operation !== "set") return act();
          if (slow) return new Promise(() => {});
          throw new Error("full");
        };
        assertEquals(await resumes(server, { writeTimeout: 20 }), false);
        assert(failures.length > 0);
        assertEquals(failures[0]?.[0], "set");
      });
    }

    it("by a session of another server's certificate", async () => {
      const other = createTestCertificate({ hosts: ["127.0.0.9"] });
      const trust = [cert, other.cert];
      using one = serve();
      await visit(one, { caCerts: trust });
      const [record] = store.calls.filter(({ operation }) =>
        operation === "set"
      );
      assert(record);
      using liar = serve({
        cert: other.cert,
        key: other.key,
        hostname: "127.0.0.9",
      });
      // The store gives for one server what is another's.
      store.handle = (call, act) =>
        call.operation === "take" ? store.inner.take(record.id) : act();
      assertEquals(
        await resumes(liar, { caCerts: trust, hostname: "127.0.0.9" }),
        false,
      );
      assertEquals(failures.length, 1);
      assertStringIncludes(String(failures[0]?.[1]), "another server");
    });
  },
);
