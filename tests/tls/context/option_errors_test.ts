import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  listenTls,
  startTls,
  TlsContext,
  type TlsContextOptions,
  TlsError,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { certificate } from "../../support/engines.ts";

const { cert, key } = certificate;
const BYTES = new TextEncoder().encode(cert);

/** Options of a context, of any type, and words of what is said of them. */
const CONTEXTS: readonly (readonly [options: unknown, ...words: string[]])[] = [
  [{ alpnProtocols: "h2" }, "options.alpnProtocols", '["h2"]', 'received "h2"'],
  [{ alpnProtocols: {} }, "options.alpnProtocols", "received an object"],
  [{ configure: { Groups: "X25519" } }, "options.configure", "an object"],
  [{ configure: "Groups" }, "options.configure", 'received "Groups"'],
  [
    { configure: [["Groups"]] },
    "a pair of a command and its value",
    "an array",
  ],
  [{ configure: ["Groups"] }, "a pair of a command and its value", '"Groups"'],
  [{ configure: [["Groups", "none"]] }, "Cannot configure Groups=none"],
  [{ keyLog: "keys.log" }, "options.keyLog must be a function"],
  // Also without a store.
  [{ lookupTimeout: "1" }, "options.lookupTimeout must be a number"],
  [{ writeTimeout: -1 }, "options.writeTimeout must be", "received -1"],
  [{ maxLookupsPerHello: 0.5 }, "options.maxLookupsPerHello must be a whole"],
  [{ commit: "later" }, '"before-flight" or "background"', '"later"'],
  [{ sessionIdKey: [] }, "options.sessionIdKey must have at least one key"],
  [{ onStoreError: 3 }, "options.onStoreError must be a function", "3"],
  [{ allowCommonName: 1 }, "options.allowCommonName must be a boolean"],
  [{ allowPartialChain: "yes" }, "options.allowPartialChain must be a boolean"],
  [{ sendCaNames: null }, "options.sendCaNames must be a boolean"],
  [{ postHandshakeAuth: 1 }, "options.postHandshakeAuth must be a boolean"],
  [{ contextFor: {} }, "options.contextFor must be a function"],
  [{ revalidate: true }, "options.revalidate must be a function"],
  [{ tag: "a" }, "options.tag must be a function"],
  [{ tag: () => "a" }, "options.tag needs options.sessions"],
  [{ singleUse: true }, "options.singleUse needs options.sessions"],
  [{ dhparam: "2048" }, 'options.dhparam must be "auto" or "none"', '"2048"'],
  [{ tickets: "on" }, '"stateful" or "stateless" or "off"', 'received "on"'],
  [{ uncleanClose: "x" }, '"keep" or "remove"', 'received "x"'],
  [
    { tickets: "stateless", sessions: new MemorySessionStore() },
    'options.tickets must be "stateful" with options.sessions',
  ],
  [
    { tickets: "stateful", ticketKeys: [new Uint8Array(80)] },
    'options.ticketKeys needs options.tickets to be "stateless"',
  ],
  [{ ticketKeys: [] }, "options.ticketKeys must have at least one key"],
  [
    { tickets: "off", revalidate: () => true },
    "options.revalidate needs options.sessions or stateless tickets",
  ],
  [{ maxEarlyData: 1 }, "options.maxEarlyData needs options.sessions and"],
  [
    { maxEarlyData: -1 },
    "options.maxEarlyData",
    "from 0 to 2147483647, received -1",
  ],
  [{ maxSessionAge: 604_801 }, "options.maxSessionAge", "from 1 to 604800"],
  [{ caCerts: [cert], crl: [] }, "options.crl must have at least one list"],
  [{ crl: "" }, "options.crl needs options.caCerts"],
  [{ clientAuth: "require" }, '"require" needs options.caCerts'],
  [{ sessionIdContext: 1 }, "options.sessionIdContext must be a string"],
  [{ clientAuth: "yes" }, '"none", "request", "require"', 'received "yes"'],
  [{ minVersion: "1.2" }, '"TLSv1.2"', 'received "1.2"'],
  [{ sessionTimeout: "1" }, "must be a number", 'received "1"'],
  [
    { ticketKeys: [new Uint8Array(3)] },
    "options.ticketKeys must be 80 bytes each, received one of 3",
  ],
  [{ cert: BYTES, key }, "options.cert", 'readFile(path, "utf8")'],
  [{ caCerts: [BYTES] }, "options.caCerts[0]", 'readFile(path, "utf8")'],
  [
    { rejectUnauthorized: false },
    "options.rejectUnauthorized is not an option of TlsContext",
  ],
  [{ ca: [cert] }, "not an option of TlsContext: did you mean caCerts?"],
  [{ crt: cert, key }, "not an option of TlsContext: did you mean cert?"],
  [{ sesions: null }, "did you mean sessions?"],
  [{ minversion: "TLSv1.3" }, "did you mean minVersion?"],
];

describe("What is said of a context's options", () => {
  for (const [options, ...words] of CONTEXTS) {
    it(words.join(" "), () => {
      const make = () => new TlsContext(options as TlsContextOptions);
      const error: Error & { optionPath?: unknown } = assertThrows(make, Error);
      for (const word of words) assertStringIncludes(error.message, word);
      assert(Array.isArray(error.optionPath), "the path is data");
      assert(error.optionPath[0] in (options as object));
    });
  }

  it("which command was refused", () => {
    const configure = [["Groups", "X25519"], ["Curves", "none"]] as const;
    const error = assertThrows(() => new TlsContext({ configure }), TlsError);
    assertEquals(error.code, "configuration");
    assertEquals(error.optionPath, ["configure", 1]);
    assertStringIncludes(String(error.reason), "Curves");
  });

  it("that a path is no text", () => {
    for (const path of ["cert.pem", "/etc/tls/key.pem"]) {
      assertThrows(
        () => new TlsContext({ cert: path, key }),
        TlsError,
        "not its path",
      );
    }
    for (const text of ["", "a\nb"]) {
      const { message } = assertThrows(
        () => new TlsContext({ cert: text, key }),
        TlsError,
        "found no PEM",
      );
      assert(!message.includes("path"));
    }
  });

  it("of a key that can't be decrypted, once", () => {
    const encrypted = `-----BEGIN PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,00000000000000000000000000000000

${btoa("x".repeat(64))}
-----END PRIVATE KEY-----`;
    const { message } = assertThrows(
      () => new TlsContext({ cert, key: encrypted, passphrase: "x" }),
      TlsError,
    );
    const reasons = message.split(/[:;] /);
    assertEquals(reasons, [...new Set(reasons)]);
  });
});

describe("Options in the wrong place", () => {
  it("of an update", () => {
    using context = new TlsContext(certificate);
    const sessions = new MemorySessionStore();
    assertThrows(
      () => context.update({ sessions } as TlsContextOptions),
      TypeError,
      "options.sessions is not an option of update: it can't be updated",
    );
  });

  it("of sockets", async () => {
    using context = new TlsContext(certificate);
    const { readable, writable } = new TransformStream<Uint8Array>();
    const options = { role: "server" as const, context, cert };
    assertThrows(
      () => startTls({ readable, writable }, options),
      TypeError,
      "options.cert is not an option of startTls: it is an option of TlsContext, for options.context",
    );
    assertThrows(
      () => listenTls({ host: "localhost", port: 0 } as never),
      TypeError,
      "options.host is not an option of listenTls: did you mean hostname?",
    );
    const failure = await connectTls({ host: "a", port: 1 } as never)
      .catch(String);
    assertStringIncludes(String(failure), "connectTls: did you mean hostname?");
  });
});
