import {
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  type ConnectTlsOptions,
  OpenSSL,
  rootCertificates,
  startTls,
  type TlsSocket,
} from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { contextOf } from "../../support/engines.ts";
import {
  failureOf,
  hear,
  NOTHING_LEFT,
  say,
  tlsErrorOf,
} from "../../support/sockets.ts";
import { HOSTNAME, optionsFor, serve } from "../../support/listeners.ts";

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
