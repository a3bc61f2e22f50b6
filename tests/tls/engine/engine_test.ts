import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  OpenSSL,
  TlsContext,
  TlsEngine,
  type TlsEngineOptions,
  TlsError,
} from "@sesame/tls";
import { createTestCertificate, type TestKeyType } from "@sesame/tls/testing";
import {
  connected,
  contextOf,
  endsOf,
  exchange,
} from "../../support/engines.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

describe("TlsEngine", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`completes a ${version} handshake and says what it negotiated`, () => {
      using context = contextOf({
        maxVersion: version,
        alpnProtocols: ["h2", "http/1.1"],
      });
      using ends = connected(context);
      const info = ends.server.info;
      assertEquals(ends.client.state, "open");
      assertEquals(ends.server.state, "open");
      assertEquals(info?.protocol, version);
      assertEquals(info?.alpnProtocol, "h2");
      assertEquals(info?.serverName, "localhost");
      assertEquals(info?.resumed, false);
      assertEquals(info?.cipher, ends.client.info?.cipher);
      assertEquals(
        info?.group,
        version === "TLSv1.3" ? "X25519MLKEM768" : "x25519",
      );
    });

    it(`carries data both ways, a byte at a time, over ${version}`, () => {
      using context = contextOf({ maxVersion: version });
      using ends = endsOf(context);
      const { client, server } = ends;
      client.write(bytes("ping"));
      server.write(bytes("pong"));
      for (let round = 0; round < 10; round++) {
        for (const byte of client.send()) server.receive(Uint8Array.of(byte));
        for (const byte of server.send()) client.receive(Uint8Array.of(byte));
      }
      assertEquals(text(server.read()), "ping");
      assertEquals(text(client.read()), "pong");
    });
  }

  it("takes more records in one call than there is room for at once", () => {
    using context = contextOf();
    using ends = connected(context);
    const data = new Uint8Array(10 * 16_000).map((_, i) => i % 251);
    for (let at = 0; at < data.length; at += 16_000) {
      ends.client.write(data.subarray(at, at + 16_000));
    }
    const wire = ends.client.send();
    // A record lacks a byte, and four more and most of a fifth come at once.
    ends.server.receive(wire.subarray(0, 16_021));
    ends.server.receive(wire.subarray(16_021));
    assertEquals(ends.server.read(), data);
  });

  it("carries a megabyte that was written at once", () => {
    using context = contextOf();
    using ends = connected(context);
    const sent = new Uint8Array(1_000_000).map((_, i) => i % 251);
    ends.client.write(sent);
    exchange(ends);
    assertEquals(ends.server.read(), sent);
  });

  for (
    const keyType of ["RSA-2048", "Ed25519"] as const satisfies TestKeyType[]
  ) {
    it(`serves a certificate of ${keyType}`, () => {
      const { cert, key } = createTestCertificate({ keyType });
      using context = new TlsContext({ cert, key, caCerts: [cert] });
      using ends = connected(context);
      assertEquals(ends.client.state, "open");
    });
  }

  it("verifies an IP address, and asks for no server name then", () => {
    using context = contextOf();
    using ends = connected(context, context, { hostname: "127.0.0.1" });
    assertEquals(ends.server.info?.serverName, null);
  });
});

describe("TlsEngine refuses", () => {
  const cases: [string, Partial<TlsEngineOptions>, string][] = [
    [
      "a certificate for another host",
      { hostname: "other.test" },
      "hostname mismatch",
    ],
    [
      "a certificate for another address",
      { hostname: "127.0.0.2" },
      "IP address mismatch",
    ],
  ];
  for (const [what, options, reason] of cases) {
    it(what, () => {
      using context = contextOf();
      using ends = endsOf(context, context, options);
      const error = assertThrows(() => exchange(ends), TlsError);
      assertEquals(error.code, "certificate");
      assertStringIncludes(error.message, reason);
      assertEquals(ends.client.state, "failed");
    });
  }

  it("a certificate that it doesn't trust, and tells the server why", () => {
    const stranger = createTestCertificate();
    using serving = new TlsContext(stranger);
    using trusting = contextOf();
    using ends = endsOf(serving, trusting);
    const error = assertThrows(() => exchange(ends), TlsError);
    assertEquals(error.code, "certificate");

    const told = assertThrows(
      () => ends.server.receive(ends.client.send()),
      TlsError,
    );
    assertEquals(told.code, "handshake");
    assertEquals(told.alert, "unknown CA");
  });

  it("an expired certificate, by the instance's clock", () => {
    const openssl = new OpenSSL({ clock: () => Date.now() + 10 * 365 * 864e5 });
    using serving = contextOf();
    using late = contextOf({ openssl });
    using ends = endsOf(serving, late);
    const error = assertThrows(() => exchange(ends), TlsError);
    assertStringIncludes(error.message, "certificate has expired");
  });

  it("a peer without a version in common", () => {
    using old = contextOf({ maxVersion: "TLSv1.2" });
    using modern = contextOf({ minVersion: "TLSv1.3" });
    using ends = endsOf(modern, old);
    const error = assertThrows(() => exchange(ends), TlsError);
    assertEquals(error.code, "handshake");
    assertEquals(error.alert, "protocol version");
  });

  it("a client without a protocol in common (RFC 7301, 3.2)", () => {
    using serving = contextOf({ alpnProtocols: ["h2"] });
    using asking = contextOf({ alpnProtocols: ["spdy"] });
    using ends = endsOf(serving, asking);
    const error = assertThrows(() => exchange(ends), TlsError);
    assertEquals(error.alert, "no application protocol");
  });

  it("what isn't TLS, with an alert to send", () => {
    using context = contextOf();
    using server = new TlsEngine(context, { role: "server" });
    const error = assertThrows(
      () => server.receive(bytes("GET / HTTP/1.0\r\n\r\n")),
      TlsError,
    );
    assertStringIncludes(error.message, "http request");
    assertEquals(server.state, "failed");
    assertThrows(() => server.receive(bytes("x")), TlsError, "failed");
  });

  it("a record that was tampered with", () => {
    using context = contextOf();
    using ends = connected(context);
    ends.client.write(bytes("pay 1 euro"));
    const record = ends.client.send();
    record.set([(record.at(-1) ?? 0) ^ 1], record.length - 1);
    const error = assertThrows(() => ends.server.receive(record), TlsError);
    assertEquals(error.code, "protocol");
    assertEquals(error.alert, "bad record mac");
    assert(ends.server.send().length > 0, "the alert");
    assertEquals(ends.server.read().length, 0);
  });
});

describe("TlsEngine resumes", () => {
  it("only with the server that the session's certificate is for (RFC 8446, 4.6.1)", () => {
    using context = contextOf();
    using ends = connected(context);
    const { session } = ends.client;
    assert(session);
    const resume = (hostname: string): TlsEngine =>
      new TlsEngine(context, { role: "client", hostname, session });
    resume("localhost")[Symbol.dispose]();
    resume("127.0.0.1")[Symbol.dispose]();
    assertThrows(() => resume("other.test"), TypeError, "another server");
    assertThrows(() => resume("127.0.0.2"), TypeError, "another server");
  });
});

describe("TlsEngine ends", () => {
  it("by close_notify, one direction after the other", () => {
    using context = contextOf();
    using ends = connected(context);
    const { client, server } = ends;
    client.write(bytes("last words"));
    client.close();
    assertEquals(client.state, "closing");
    server.receive(client.send());
    assertEquals(text(server.read()), "last words");
    assertEquals(server.peerClosed, true);
    server.write(bytes("an answer"));
    server.close();
    client.receive(server.send());
    assertEquals(text(client.read()), "an answer");
    assertEquals([client.state, server.state], ["closed", "closed"]);
    client.endOfInput();
  });

  it("with an error that says so, if the transport ends without it", () => {
    using context = contextOf();
    using ends = connected(context);
    const error = assertThrows(() => ends.server.endOfInput(), TlsError);
    assertEquals(error.code, "truncated");
  });

  it("and takes no more then", () => {
    using context = contextOf();
    const ends = connected(context);
    ends.client.close();
    assertThrows(() => ends.client.write(bytes("x")), TlsError, "close was");
    ends[Symbol.dispose]();
    ends[Symbol.dispose]();
    assertThrows(() => ends.client.receive(bytes("x")), TlsError, "closed");
    assertThrows(() => ends.server.write(bytes("x")), TlsError, "closed");
  });

  it("without leaving anything in the instance's memory", () => {
    const openssl = new OpenSSL();
    const context = contextOf({ openssl });
    const meet = (): void => connected(context)[Symbol.dispose]();
    for (let i = 0; i < 3; i++) meet();
    const { used, handles } = openssl.memory;
    for (let i = 0; i < 20; i++) meet();
    assertEquals(openssl.memory.handles, handles);
    // What malloc rounds up differs by a few bytes; one leak would be 320.
    assert(Math.abs(openssl.memory.used - used) < 200);
    context.close();
    assert(openssl.memory.used < used);
  });
});

describe("TlsEngine's arguments", () => {
  it("are refused where they have no use", () => {
    using context = contextOf();
    using ends = connected(context);
    const { session } = ends.client;
    assert(session);
    for (const option of [{ session }, { earlyData: new Uint8Array(1) }]) {
      assertThrows(
        () => new TlsEngine(context, { role: "server", ...option }),
        TypeError,
        `options.${Object.keys(option)[0]} is for clients`,
      );
    }
  });

  it("must be of their types", () => {
    using context = contextOf();
    using bare = new TlsContext();
    const bad =
      (context: TlsContext, options: unknown): () => TlsEngine => () =>
        new TlsEngine(context, options as TlsEngineOptions);
    assertThrows(
      bad({} as never, { role: "server" }),
      TypeError,
      "context must be a TlsContext, received object",
    );
    assertThrows(bad(context, { role: "proxy" }), TypeError, "proxy");
    assertThrows(bad(context, { role: "client" }), TypeError, "hostname");
    assertThrows(
      bad(context, { role: "server", host: "x" }),
      TypeError,
      "options.host is not an option",
    );
    assertThrows(
      bad(context, { role: "client", hostname: "x", session: {} }),
      TypeError,
      "TlsSession",
    );
    assertThrows(bad(bare, { role: "server" }), TypeError, "cert and key");
    assertThrows(
      bad(bare, { role: "client", hostname: "localhost" }),
      TypeError,
      "caCerts",
    );
    using server = new TlsEngine(context, { role: "server" });
    assertThrows(
      () => server.receive("hello" as unknown as Uint8Array),
      TypeError,
      "Uint8Array",
    );
    assertThrows(
      () => server.write([1] as unknown as Uint8Array),
      TypeError,
      "Uint8Array",
    );
  });
});
