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
  type TlsContextOptions,
  TlsEngine,
  TlsError,
  TlsSession,
} from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { certificate, connected, contextOf } from "../../support/engines.ts";

const { cert, key } = certificate;

function refusal(options: unknown): Error {
  const error = assertThrows(() => {
    new TlsContext(options as TlsContextOptions);
  });
  assertInstanceOf(error, Error);
  return error;
}

describe("TlsContext", () => {
  it("runs commands of OpenSSL's configuration language", () => {
    using context = contextOf({
      configure: [
        ["Groups", "P-384"],
        ["Ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"],
      ],
    });
    using ends = connected(context);
    assertEquals(ends.client.info?.group, "secp384r1");
    assertEquals(ends.client.info?.cipher, "TLS_CHACHA20_POLY1305_SHA256");
  });

  it("lets connections outlive it, and makes no more of them", () => {
    const context = contextOf();
    using ends = connected(context);
    context.close();
    context.close();
    ends.client.write(Uint8Array.of(7));
    ends.server.receive(ends.client.send());
    assertEquals(ends.server.read(), Uint8Array.of(7));
    assertThrows(
      () => new TlsEngine(context, { role: "server" }),
      TypeError,
      "closed",
    );
  });

  it("serves a chain, leaf first", () => {
    const other = createTestCertificate({ hosts: ["other.test"] });
    using context = contextOf({ cert: cert + other.cert });
    using ends = connected(context);
    assertEquals(ends.client.state, "open");
  });

  it("talks TLS 1.0 and 1.1 to those who lower the security level", () => {
    for (const version of ["TLSv1", "TLSv1.1"] as const) {
      using context = contextOf({
        minVersion: version,
        maxVersion: version,
        configure: [["CipherString", "DEFAULT@SECLEVEL=0"]],
      });
      using ends = connected(context);
      assertEquals(ends.client.info?.protocol, version);
    }
  });

  it("gives everything back when it can't be made", () => {
    const openssl = new OpenSSL();
    const attempt = (): void =>
      void assertThrows(() =>
        contextOf({ openssl, configure: [["Nope", ""]] })
      );
    attempt();
    const { used, handles } = openssl.memory;
    for (let i = 0; i < 100; i++) attempt();
    // What malloc rounds up differs by a few bytes; one leak would be 1600.
    assert(Math.abs(openssl.memory.used - used) < 100);
    assertEquals(openssl.memory.handles, handles);
  });
});

describe("TlsContext refuses", () => {
  const types: [string, unknown, string][] = [
    ["cert without key", { cert }, "must be used together"],
    ["key without cert", { key }, "must be used together"],
    ["cert that isn't a string", { cert: 1, key }, "options.cert"],
    ["caCerts that aren't a list", { caCerts: cert }, "options.caCerts"],
    [
      "a misspelt option",
      { clientauth: "require" },
      "options.clientauth is no",
    ],
    ["a module for an instance", { openssl: {} }, "options.openssl must be"],
    ["no object", null, "options must be an object, received null"],
    ["a Map for a store", { sessions: new Map() }, "received a Map"],
    ["an unknown version", { maxVersion: "TLSv1.4" }, "TLSv1.4"],
    [
      "an ALPN protocol that isn't a string",
      { alpnProtocols: [2] },
      "must be a string, received 2",
    ],
  ];
  for (const [what, options, message] of types) {
    it(what, () => {
      const error = refusal(options);
      assertInstanceOf(error, TypeError);
      assertStringIncludes(error.message, message);
    });
  }

  const ranges: [string, unknown, string][] = [
    ["an empty ALPN protocol", { alpnProtocols: [""] }, '""'],
    ["a long ALPN protocol", { alpnProtocols: ["x".repeat(256)] }, "255"],
    [
      "versions upside down",
      { minVersion: "TLSv1.3", maxVersion: "TLSv1.2" },
      "above",
    ],
    ["room for no certificate", { maxCertList: 0 }, "options.maxCertList"],
    [
      "room for more than a message has",
      { maxCertList: 2 ** 24 },
      "from 1 to 16777215",
    ],
    ["a timeout of 0", { sessionTimeout: 0 }, "received 0"],
    ["a timeout of half a second", { sessionTimeout: 0.5 }, "received 0.5"],
    ["no session id context", { sessionIdContext: "" }, "received 0"],
    [
      "a long session id context",
      { sessionIdContext: "é".repeat(17) },
      "received 34",
    ],
  ];
  for (const [what, options, message] of ranges) {
    it(what, () => {
      const error = refusal(options);
      assertInstanceOf(error, RangeError);
      assertStringIncludes(error.message, message);
    });
  }

  const certificates: [string, unknown, string][] = [
    ["cert that isn't PEM", { cert: "hello", key }, "options.cert"],
    ["cert that is cut off", { cert: cert.slice(0, 200), key }, "options.cert"],
    ["a chain whose second is cut off", {
      cert: cert + cert.slice(0, 200),
      key,
    }, "options.cert"],
    ["key that isn't PEM", { cert, key: cert }, "options.key"],
    [
      "another's key",
      { cert, key: createTestCertificate().key },
      "key values mismatch",
    ],
    ["broken caCerts", { caCerts: [cert, "x"] }, "options.caCerts[1]"],
  ];
  for (const [what, options, message] of certificates) {
    it(what, () => {
      const error = refusal(options);
      assertInstanceOf(error, TlsError);
      assertEquals(error.code, "certificate");
      assertStringIncludes(error.message, message);
    });
  }

  it("a command that OpenSSL doesn't know, in OpenSSL's words", () => {
    const error = refusal({ configure: [["Grups", "X25519"]] });
    assertInstanceOf(error, TlsError);
    assertEquals(error.code, "configuration");
    assertStringIncludes(error.message, "Grups=X25519");
    assertStringIncludes(error.reason ?? "", "unknown cmd name");
  });

  it("a value that OpenSSL refuses", () => {
    const error = refusal({ configure: [["Groups", "P-1"]] });
    assertInstanceOf(error, TlsError);
    assertStringIncludes(error.reason ?? "", "P-1");
  });
});

describe("TlsSession", () => {
  it("goes to bytes and back, and shows no secret when printed", () => {
    using context = contextOf();
    using ends = connected(context);
    const { session } = ends.client;
    assert(session);
    const copy = TlsSession.fromBytes(session.toBytes(), new OpenSSL());
    assertEquals(copy.protocol, "TLSv1.3");
    assertEquals(copy.expiresAt, session.expiresAt);
    assertEquals(copy.toBytes(), session.toBytes());
    assertEquals(
      Object.keys(JSON.parse(JSON.stringify(session))).sort(),
      ["expiresAt", "maxEarlyData", "protocol", "provedAt"],
    );
  });

  it("refuses bytes that aren't a session", () => {
    for (
      const bytes of [
        new Uint8Array(),
        crypto.getRandomValues(new Uint8Array(99)),
      ]
    ) {
      const error = assertThrows(() => TlsSession.fromBytes(bytes), TlsError);
      assertEquals(error.code, "session");
    }
    assertThrows(
      () => TlsSession.fromBytes("x" as unknown as Uint8Array),
      TypeError,
    );
  });
});
