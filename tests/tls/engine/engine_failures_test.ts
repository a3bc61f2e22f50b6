/** What must not go wrong with an engine: found by review, held here. */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  OpenSSL,
  TlsContext,
  TlsEngine,
  TlsError,
  TlsSession,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import {
  certificate,
  connected,
  contextOf,
  endsOf,
  exchange,
} from "../../support/engines.ts";
import { RawClient } from "../../support/raw_client.ts";
import { AsyncStore } from "../../testdata/async_store.ts";

describe("A server whose configuration asks for certificates", () => {
  it("gets them, whether by clientAuth or by VerifyMode", () => {
    for (
      const options of [
        { clientAuth: "require" as const },
        { configure: [["VerifyMode", "Require"]] as const },
      ]
    ) {
      using serving = contextOf(options);
      using bare = new TlsContext({ caCerts: [certificate.cert] });
      using ends = endsOf(serving, bare);
      const error = assertThrows(() => exchange(ends), TlsError);
      assertStringIncludes(error.message, "peer did not return a certificate");

      using authenticated = connected(serving);
      assertEquals(
        authenticated.server.info?.peerCertificate?.subject,
        "CN=localhost",
      );
    }
  });

  it("doesn't resume sessions of one that doesn't ask", () => {
    const sessions = new MemorySessionStore();
    using open = contextOf({ sessions });
    using strict = contextOf({
      sessions,
      configure: [["VerifyMode", "Require"]],
    });
    using first = connected(open);
    const { session } = first.client;
    assert(session);
    using second = connected(strict, strict, { session });
    assertEquals(second.server.resumption, {
      resumed: false,
      reason: "context-mismatch",
    });
  });
});

describe("A context that was chosen by name", () => {
  it("decides on versions, and on whether there are tickets", () => {
    const sessions = new MemorySessionStore();
    using modern = contextOf({ minVersion: "TLSv1.3" });
    using frugal = contextOf({ tickets: "off" });
    using serving = contextOf({
      sessions,
      contextFor: (name) => name === "localhost" ? modern : frugal,
    });
    using old = contextOf({ maxVersion: "TLSv1.2" });
    using refused = endsOf(serving, old);
    assertThrows(() => exchange(refused), TlsError, "unsupported protocol");

    using ends = connected(serving, contextOf(), { hostname: "127.0.0.1" });
    assertEquals(ends.client.session, null);
    assertEquals(sessions.size, 0);
  });
});

describe("A chosen context without tickets", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    for (const tickets of ["stateful", "stateless"] as const) {
      it(`resumes nothing of a context with ${tickets} ones, in ${version}`, () => {
        let isOff = false;
        using off = contextOf({ tickets: "off" });
        using serving = contextOf({
          tickets,
          contextFor: () => isOff ? off : undefined,
        });
        using trusting = contextOf({ maxVersion: version });
        using first = connected(serving, trusting);
        const { session } = first.client;
        assert(session);
        using again = connected(serving, trusting, { session });
        assertEquals(again.server.resumption?.resumed, true);
        isOff = true;
        using refused = connected(serving, trusting, {
          session: again.client.session ?? session,
        });
        assertEquals(refused.server.resumption, {
          resumed: false,
          reason: "disabled",
        });
      });
    }
  }
});

describe("A client's host name", () => {
  it("is a name, and not a pattern", () => {
    using context = contextOf();
    for (const hostname of ["", ".localhost", "x".repeat(300)]) {
      assertThrows(
        () => new TlsEngine(context, { role: "client", hostname }),
        TypeError,
        "options.hostname",
      );
    }
  });
});

describe("An engine that can't be made", () => {
  it("leaves nothing behind", () => {
    const openssl = new OpenSSL();
    using context = contextOf({ openssl });
    using empty = contextOf({
      openssl,
      minVersion: "TLSv1.2",
      maxVersion: "TLSv1.2",
      configure: [["CipherString", "AESCCM"], ["MinProtocol", "TLSv1.1"], [
        "MaxProtocol",
        "TLSv1.1",
      ]],
    });
    const fail = (): void => {
      assertThrows(() => new TlsEngine(context, { role: "client" }));
      assertThrows(() =>
        new TlsEngine(empty, { role: "client", hostname: "localhost" })
      );
    };
    fail();
    const { used, handles } = openssl.memory;
    for (let i = 0; i < 20; i++) fail();
    assert(Math.abs(openssl.memory.used - used) < 200);
    assertEquals(openssl.memory.handles, handles);
  });
});

describe("A host that fails amid a wait", () => {
  it("ends the connection, and nothing dangles", async () => {
    let isBroken = false;
    const openssl = new OpenSSL({
      clock: () => {
        if (isBroken) throw new Error("no time");
        return Date.now();
      },
    });
    const sessions = new AsyncStore(new MemorySessionStore());
    using context = contextOf({ sessions, openssl });
    using trusting = contextOf();
    using first = endsOf(context, trusting);
    await settle(first);
    const { session } = first.client;
    assert(session);

    using second = endsOf(context, trusting, { session });
    second.server.receive(second.client.send());
    const { pending } = second.server;
    assert(pending);
    isBroken = true;
    await pending;
    assertEquals(second.server.pending, null);
    assertEquals(second.server.state, "failed");
    assertInstanceOf(second.server.error, TlsError);
    isBroken = false;
  });
});

describe("An alert", () => {
  it("is one that ended the connection, not a close_notify of ours", () => {
    using context = contextOf();
    using ends = connected(context);
    ends.client.close();
    const error = assertThrows(() => ends.client.endOfInput(), TlsError);
    assertEquals(error.code, "truncated");
    assertEquals(error.alert, undefined);
  });
});

/** {@linkcode exchange}, with a server that waits for its store. */
async function settle(ends: Parameters<typeof exchange>[0]): Promise<void> {
  for (let isQuiet = false; !isQuiet;) {
    exchange(ends);
    isQuiet = ends.server.pending === null;
    await ends.server.pending;
  }
  exchange(ends);
}

describe("A session that comes from a client that verifies nobody", () => {
  it("is resumed by no client that does, although the server would", () => {
    using serving = contextOf({ maxVersion: "TLSv1.2" });
    using server = new TlsEngine(serving, { role: "server" });
    const openssl = new OpenSSL();
    const { libssl } = openssl;
    using raw = new RawClient(openssl, {});
    libssl.SSL_set_tlsext_host_name(raw.ssl, "localhost");
    for (let said = raw.next(); server.state !== "open";) {
      server.receive(said);
      said = raw.next(server.send());
    }
    raw.next(server.send());
    const made = libssl.SSL_get_session(raw.ssl);
    const der = made && libssl.i2d_SSL_SESSION(made);
    assert(der);
    using ends = endsOf(serving, serving, {
      session: TlsSession.fromBytes(der),
    });
    const error = assertThrows(
      () => exchange(ends),
      TlsError,
      "Cannot trust the peer's certificate",
    );
    assertEquals([error.code, ends.client.state], ["certificate", "failed"]);
    assertEquals(ends.client.info, null);
  });
});
