/** Pairs of engines of `@sesame/tls/testing`: what they do when the network doesn't fail. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  OpenSSL,
  type OpenSSLMemory,
  type SessionStore,
  TlsContext,
  TlsEngine,
  TlsError,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { VirtualClock } from "../../src/testing/clock.ts";
import {
  createTlsPair,
  type TlsPair,
  type TlsPairOptions,
} from "../../src/testing/pair.ts";
import { createTlsSandbox } from "../../src/testing/sandbox.ts";

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

/** A pair after its handshake. */
async function opened(options: TlsPairOptions = {}): Promise<TlsPair> {
  const pair = createTlsPair({ seed: "pair", ...options });
  await pair.handshake();
  assertEquals([pair.client.state, pair.server.state], ["open", "open"]);
  return pair;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A store that answers with promises that take a few turns of the event loop. */
function slowly(store: MemorySessionStore): SessionStore {
  const later = async <T>(answer: () => T): Promise<T> => {
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return answer();
  };
  return {
    get: (id) => later(() => store.get(id)),
    set: (id, record, options) => later(() => store.set(id, record, options)),
    delete: (id, reason) => later(() => store.delete(id, reason)),
    take: (id) => later(() => store.take(id)),
  };
}

describe("createTlsPair", () => {
  for (const maxVersion of VERSIONS) {
    it(`opens, talks and closes (${maxVersion})`, async () => {
      using pair = await opened({ client: { maxVersion } });
      assertEquals(pair.client.info?.protocol, maxVersion);
      assertEquals(pair.server.info?.serverName, "localhost");
      assert(pair.client.session);
      assertEquals(text(await pair.say("client", "ping")), "ping");
      assertEquals(
        await pair.say("server", new Uint8Array([1, 2])),
        new Uint8Array([1, 2]),
      );
      await pair.close();
      assertEquals([pair.client.state, pair.server.state], [
        "closed",
        "closed",
      ]);
      assertEquals([pair.client.peerClosed, pair.server.peerClosed], [
        true,
        true,
      ]);
      await assertRejects(() => pair.say("client", "late"), TlsError);
      await pair.run();
      await pair.close();
    });

    it(`sends large data a byte at a time (${maxVersion})`, async () => {
      using pair = await opened({
        client: { maxVersion },
        network: { fragment: 1 },
      });
      const data = new Uint8Array(40_000).map((_, i) => i * 7 + (i >> 8));
      for (const from of ["client", "server"] as const) {
        assertEquals(await pair.say(from, data), data);
      }
    });

    it(`tells the client of a session, which it resumes (${maxVersion})`, async () => {
      const clock = new VirtualClock();
      const sessions = new MemorySessionStore({ now: clock.now });
      for (const server of [{}, { sessions }, { sessions: slowly(sessions) }]) {
        using pair = await opened({
          clock,
          client: { maxVersion },
          server: { ...server, lookupTimeout: 10_000, writeTimeout: 10_000 },
        });
        assertEquals(pair.server.resumption?.resumed, false);
        using second = pair.reconnect();
        await second.handshake();
        assertEquals(second.server.resumption?.resumed, true);
        assertEquals(second.client.resumption?.resumed, true);
        using third = second.reconnect();
        await third.handshake();
        assertEquals(third.server.resumption?.resumed, true);
        using fourth = third.reconnect({ session: null });
        await fourth.handshake();
        assertEquals(fourth.client.resumption, {
          resumed: false,
          reason: "none-offered",
        });
      }
    });

    it(`gives the same bytes for the same seed (${maxVersion})`, async () => {
      const run = async (seed: string): Promise<Uint8Array> => {
        using pair = await opened({
          seed,
          client: { maxVersion },
          network: { delay: (n) => n % 3 },
        });
        await pair.say("client", "hello");
        using second = pair.reconnect();
        await second.handshake();
        await second.close();
        return new Uint8Array([
          ...pair.trace.transcript,
          ...second.trace.transcript,
        ]);
      };
      assertEquals(await run("a"), await run("a"));
      assertNotEquals(await run("a"), await run("b"));
    });
  }

  it("authenticates clients that have a certificate", async () => {
    const sandbox = createTlsSandbox({ seed: "mTLS" });
    const server = { clientAuth: "require" } as const;
    using pair = createTlsPair({
      sandbox,
      server,
      client: sandbox.pki.client,
    });
    await pair.handshake();
    assertEquals(pair.server.state, "open");
    assert(pair.server.info?.peerCertificate);

    using without = createTlsPair({ sandbox, server });
    await without.handshake();
    assertEquals(without.server.state, "failed");
    assertEquals(without.client.state, "failed");
    const alerts = without.trace.events.filter(({ type }) => type === "alert");
    assertEquals(
      alerts.map((alert) => alert.type === "alert" && alert.name),
      ["certificate_required"],
    );

    using unknown = createTlsPair({
      sandbox,
      server,
      client: sandbox.pki.untrusted,
    });
    await unknown.handshake();
    assertEquals(unknown.server.error?.code, "certificate");
    assertEquals(unknown.client.error?.alert, "unknown CA");
  });

  it("has a client refuse a bad certificate, by a real alert", async () => {
    const sandbox = createTlsSandbox({ seed: "bad" });
    for (
      const [name, alert] of [
        ["expired", "certificate expired"],
        ["notYetValid", "bad certificate"],
        ["wrongHost", "bad certificate"],
        ["untrusted", "unknown CA"],
      ] as const
    ) {
      using pair = createTlsPair({ sandbox, server: sandbox.pki[name] });
      await pair.handshake();
      assertEquals(pair.client.error?.code, "certificate");
      assertEquals(pair.client.error?.alert, alert);
      assertEquals(pair.server.error?.alert, alert);
    }
  });

  it("counts the time that bytes take, each way", async () => {
    using pair = await opened({ network: { delay: 50 } });
    // Hello, hello, Finished, sessions: TLS 1.3.
    assertEquals(pair.clock.now() - new VirtualClock().now(), 200);
    await pair.say("client", "x");
    assertEquals(pair.clock.now() - new VirtualClock().now(), 250);
  });

  it("lets sessions and certificates expire with its clock", async () => {
    for (const maxVersion of VERSIONS) {
      const clock = new VirtualClock();
      const sessions = new MemorySessionStore({ now: clock.now });
      using pair = await opened({
        clock,
        client: { maxVersion },
        server: { sessions, sessionTimeout: 60 },
      });
      for (const [seconds, resumed] of [[59, true], [61, false]] as const) {
        clock.advance(seconds * 1000);
        using next = pair.reconnect();
        // With a second to each flight the session is older when the server reads it.
        await next.handshake();
        assertEquals(next.server.resumption?.resumed, resumed);
        clock.set(new VirtualClock().now());
      }
      clock.advance(91 * 86_400_000);
      using late = pair.reconnect({ session: null });
      await late.handshake();
      assertEquals(late.client.error?.alert, "certificate expired");
    }
  });

  it("lets a session expire while its hello is under way", async () => {
    const clock = new VirtualClock();
    const sessions = new MemorySessionStore({ now: clock.now });
    using pair = await opened({
      clock,
      server: { sessions, sessionTimeout: 60 },
    });
    for (const [delay, resumed] of [[1_000, true], [61_000, false]] as const) {
      using next = pair.reconnect({ network: { delay } });
      await next.handshake();
      assertEquals(next.client.state, "open");
      assertEquals(next.server.resumption?.resumed, resumed);
      clock.set(new VirtualClock().now());
    }
  });

  it("takes early data", async () => {
    const clock = new VirtualClock();
    const sessions = new MemorySessionStore({ now: clock.now });
    using pair = await opened({
      clock,
      server: { sessions, singleUse: true, maxEarlyData: 1024 },
    });
    using early = pair.reconnect({
      earlyData: "early",
      network: { fragment: 7, delay: 10 },
    });
    await early.handshake();
    assertEquals(early.client.info?.earlyData, "accepted");
    assertEquals(text(early.server.readEarlyData()), "early");
  });

  it("collects the key log, and tells the caller's too", async () => {
    const lines: string[] = [];
    using pair = await opened({
      client: { keyLog: (line) => lines.push(line) },
    });
    assertEquals(
      pair.trace.keyLog.split("\n").filter(Boolean).sort(),
      lines.toSorted(),
    );
    assert(lines.some((line) => line.startsWith("CLIENT_TRAFFIC_SECRET_0 ")));
  });

  it("keeps the key logs of connections apart", async () => {
    using pair = await opened();
    const before = pair.trace.keyLog;
    using second = pair.reconnect({ session: null });
    await second.handshake();
    assertEquals(pair.trace.keyLog, before);
    const random = (line: string): string => line.split(" ")[1] ?? "";
    const randoms = [before, second.trace.keyLog].map((log) =>
      new Set(log.trim().split("\n").map(random))
    );
    assertEquals(randoms.map(({ size }) => size), [1, 1]);
    assertNotEquals(randoms[0], randoms[1]);
  });

  it("runs in one instance as in two, and in contexts of the caller's", async () => {
    const sandbox = createTlsSandbox({ seed: "one" });
    const openssl = new OpenSSL({ clock: sandbox.clock.now });
    using one = createTlsPair({
      sandbox,
      client: { openssl },
      server: { openssl },
    });
    await one.handshake();
    assertEquals(one.server.state, "open");

    using context = new TlsContext({
      ...sandbox.pki.server,
      caCerts: [sandbox.pki.ca.cert],
      openssl,
    });
    using other = createTlsPair({
      sandbox,
      client: { context, hostname: "localhost" },
      server: { context },
    });
    await other.handshake();
    assertEquals(other.client.state, "open");
    assertEquals(other.trace.messages({ name: "ClientHello" }).length, 1);
    other[Symbol.dispose]();
    // It stays the caller's, and nobody listens to its later connections.
    const options = { role: "client", hostname: "localhost" } as const;
    using engine = new TlsEngine(context, options);
    assert(engine.send().length > 0);
    assertEquals(other.trace.messages({ name: "ClientHello" }).length, 1);
  });

  it("frees what it made", async () => {
    const sandbox = createTlsSandbox({ seed: "freed" });
    const visit = async (): Promise<OpenSSLMemory[]> => {
      using pair = createTlsPair({ sandbox });
      await pair.handshake();
      using again = pair.reconnect();
      await again.handshake();
      again[Symbol.dispose]();
      pair[Symbol.dispose]();
      return [sandbox.client.memory, sandbox.server.memory];
    };
    await visit();
    const before = await visit();
    for (const [i, { used, handles }] of (await visit()).entries()) {
      assertEquals(handles, before[i]?.handles);
      // Numbers of OpenSSL's own may be a word longer.
      assert(Math.abs(used - (before[i]?.used ?? 0)) < 64);
    }
  });

  it("shows the trace and the seed when it never ends", async () => {
    using pair = await opened({ network: { delay: 1 } });
    // Each answer of this engine asks for the next.
    const { client } = pair;
    const send = client.send.bind(client);
    client.send = () => {
      client.write(new Uint8Array(1));
      return send();
    };
    const error = await assertRejects(() => pair.run(), Error);
    assert(
      error.message.startsWith(
        "The pair has sent thousands of messages without coming to an end:\n",
      ),
    );
    assert(error.message.includes("ClientHello"));
    assert(error.message.includes("seed: "));
  });

  it("refuses to talk from nowhere", async () => {
    using pair = await opened();
    await assertRejects(
      () => pair.say("both" as "client", "x"),
      TypeError,
      'from must be "client" or "server", received "both"',
    );
  });
});
