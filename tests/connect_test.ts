import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  connectTls,
  type ConnectTlsOptions,
  listenTls,
  type ListenTlsOptions,
  OpenSSL,
  rootCertificates,
  startTls,
  TlsError,
  type TlsListener,
  type TlsSocket,
} from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { certificate, contextOf } from "./support/engines.ts";
import {
  failureOf,
  hear,
  NOTHING_LEFT,
  say,
  settle,
  tlsErrorOf,
} from "./support/sockets.ts";

const { cert, key } = certificate;
const HOSTNAME = "127.0.0.1";

/** A server that takes a word and says it back. */
function serve(options: Partial<ListenTlsOptions> = {}): TlsListener {
  const listener = listenTls({
    hostname: HOSTNAME,
    port: 0,
    ...(options.context ? {} : { cert, key }),
    ...options,
  });
  const answer = async (socket: TlsSocket): Promise<void> => {
    await socket.readable.pipeTo(socket.writable).catch(() => {});
  };
  (async () => {
    for await (const socket of listener) answer(socket);
  })();
  return listener;
}

function optionsFor(
  { addr }: TlsListener,
  options: Partial<ConnectTlsOptions> = {},
): ConnectTlsOptions {
  return {
    hostname: HOSTNAME,
    port: addr.port,
    ...(options.context ? {} : { caCerts: [cert] }),
    ...options,
  };
}

/** A word there and back. */
async function talk(options: ConnectTlsOptions): Promise<TlsSocket> {
  await using socket = await connectTls(options);
  await say(socket, "hello");
  assertEquals(await hear(socket), "hello");
  await socket.writable.close();
  assertEquals(await hear(socket), null);
  return socket;
}

describe("connectTls", NOTHING_LEFT, () => {
  it("resolves when the handshake is done, with a server that it verified", async () => {
    using server = serve({ alpnProtocols: ["b", "a"] });
    const { info } = await talk(
      optionsFor(server, { alpnProtocols: ["a", "b"] }),
    );
    assertEquals(info?.alpnProtocol, "b");
    assertEquals(info?.remoteAddress, `${HOSTNAME}:${server.addr.port}`);
    assertEquals(info?.peerCertificate?.subject, "CN=localhost");
  });

  it("asks for the name that it was told", async () => {
    using server = serve({ hostname: "localhost" });
    const { info } = await talk(optionsFor(server, { hostname: "localhost" }));
    assertEquals(info?.serverName, "localhost");
  });

  it("shows its certificate to a server that insists", async () => {
    const mine = createTestCertificate({ hosts: ["alice.test"] });
    using server = serve({ clientAuth: "require", caCerts: [mine.cert] });
    await talk(optionsFor(server, mine));

    // In TLS 1.3 a client is done before the server has looked.
    const socket = await connectTls(optionsFor(server));
    const error = await tlsErrorOf(hear(socket), "protocol");
    assertStringIncludes(error.message, "certificate required");
    await tlsErrorOf(socket.closed, "protocol");
  });

  it("takes a context, which stays open", async () => {
    using server = serve();
    using context = contextOf();
    for (let i = 0; i < 2; i++) await talk(optionsFor(server, { context }));
  });
});

describe("startTls", NOTHING_LEFT, () => {
  it("takes the streams of Deno's own connections", async () => {
    using context = contextOf();
    using tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
    const [here, there] = await Promise.all([
      Deno.connect({ hostname: HOSTNAME, port: tcp.addr.port }),
      tcp.accept(),
    ]);
    const server = startTls(there, { role: "server", context });
    const client = startTls(here, {
      role: "client",
      context,
      hostname: "localhost",
    });
    const echo = server.readable.pipeTo(server.writable);
    await say(client, "hello");
    assertEquals(await hear(client), "hello");
    await client.writable.close();
    assertEquals(await hear(client), null);
    await Promise.all([echo, client.closed, server.closed]);
  });
});

describe("connectTls verifies by default", NOTHING_LEFT, () => {
  it("the name", async () => {
    using server = serve({ hostname: "127.0.0.2" });
    const error = await tlsErrorOf(
      connectTls(optionsFor(server, { hostname: "127.0.0.2" })),
      "certificate",
    );
    assertStringIncludes(error.message, "IP address mismatch");
  });

  it("the issuer, by caCerts", async () => {
    using server = serve();
    const stranger = createTestCertificate();
    const error = await tlsErrorOf(
      connectTls(optionsFor(server, { caCerts: [stranger.cert] })),
      "certificate",
    );
    assertStringIncludes(error.message, "self-signed");
  });

  it("the issuer, by the runtime's root certificates", async () => {
    assertGreater(rootCertificates().length, 50);
    using server = serve();
    const { port } = server.addr;
    for (const more of [{}, {}, { minVersion: "TLSv1.3" }] as const) {
      await tlsErrorOf(
        connectTls({ hostname: HOSTNAME, port, ...more }),
        "certificate",
      );
    }
  });

  it("or says that there is nobody to trust", async () => {
    using server = serve();
    const { port } = server.addr;
    const global = globalThis as { process?: unknown };
    const { process } = global;
    global.process = undefined;
    const error = assertThrows(() => rootCertificates(), TypeError);
    const openssl = new OpenSSL(); // one without a context for that yet
    const failure = await failureOf(
      connectTls({ hostname: HOSTNAME, port, openssl }),
    );
    global.process = process;
    assertStringIncludes(error.message, "options.caCerts");
    assertInstanceOf(failure, TypeError);
  });
});

describe("connectTls fails", NOTHING_LEFT, () => {
  let tcp: Deno.TcpListener;
  beforeEach(() => {
    tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
  });
  afterEach(() => tcp.close());

  const options = (more: Partial<ConnectTlsOptions> = {}): ConnectTlsOptions =>
    optionsFor({ addr: tcp.addr } as TlsListener, more);

  it("where nobody listens", async () => {
    const { port } = tcp.addr;
    tcp.close();
    await assertRejects(
      () => connectTls(options()),
      Deno.errors.ConnectionRefused,
    );
    tcp = Deno.listen({ hostname: HOSTNAME, port });
  });

  it("where the server says nothing, in time", async () => {
    const connecting = connectTls(options({ handshakeTimeout: 20 }));
    const conn = await tcp.accept();
    await tlsErrorOf(connecting, "timeout");
    conn.close();
  });

  it("where the server ends", async () => {
    const connecting = connectTls(options());
    const conn = await tcp.accept();
    await conn.read(new Uint8Array(10_000));
    conn.close();
    await tlsErrorOf(connecting, "truncated");
  });

  it("where the server resets", async () => {
    const connecting = connectTls(options());
    const conn = await tcp.accept();
    conn.close(); // with the hello unread
    const error = await failureOf(connecting);
    assertInstanceOf(error, TlsError);
    assert(["transport", "truncated"].includes(error.code));
  });

  it("where the server speaks something else", async () => {
    const connecting = connectTls(options());
    const conn = await tcp.accept();
    await conn.read(new Uint8Array(10_000));
    await conn.write(new TextEncoder().encode("220 mail.test ESMTP\r\n"));
    await conn.closeWrite();
    await tlsErrorOf(connecting, "handshake");
    conn.close();
  });

  for (const when of ["before", "during the handshake"]) {
    it(`by its signal, ${when}`, async () => {
      const reason = new Error("no more");
      const controller = new AbortController();
      if (when === "before") controller.abort(reason);
      const failure = failureOf(
        connectTls(options({ signal: controller.signal })),
      );
      if (when !== "before") {
        const conn = await tcp.accept();
        controller.abort(reason);
        conn.close();
      }
      assertStrictEquals(await failure, reason);
    });
  }

  it("by its signal, later: that ends the socket", async () => {
    using server = serve();
    const reason = new Error("no more");
    const controller = new AbortController();
    const { signal } = controller;
    const socket = await connectTls(optionsFor(server, { signal }));
    const failure = failureOf(hear(socket));
    controller.abort(reason);
    assertStrictEquals(await failure, reason);
    assertStrictEquals(await failureOf(socket.closed), reason);
    await settle();
  });

  const wrong: [Record<string, unknown>, typeof Error, string][] = [
    [{ hostname: "" }, TypeError, 'received ""'],
    [{ port: 70_000 }, RangeError, "received 70000"],
    [{ session: {} }, TypeError, "options.session"],
    [{ sessions: {} }, TypeError, "no method get"],
    [{ context: {}, caCerts: undefined }, TypeError, "options.context"],
    [{ context: contextOf(), caCerts: [cert] }, TypeError, "options.caCerts"],
    [{ handshakeTimeout: 0 }, RangeError, "options.handshakeTimeout"],
    [{ signal: {} }, TypeError, "options.signal"],
    [{ onStoreError: 1 }, TypeError, "options.onStoreError"],
    [{ earlyData: "x" }, TypeError, "options.earlyData"],
    [{ earlyData: new Uint8Array(1) }, TypeError, "options.session"],
  ];
  for (const [more, type, message] of wrong) {
    it(`where ${Object.keys(more)[0]} is wrong: ${message}`, async () => {
      await assertRejects(() => connectTls(options(more)), type, message);
    });
  }
});
