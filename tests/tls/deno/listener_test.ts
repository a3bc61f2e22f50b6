import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls, listenTls, OpenSSL, type TlsSocket } from "@sesame/tls";
import { certificate, contextOf } from "../../support/engines.ts";
import {
  failureOf,
  hear,
  hearAll,
  NOTHING_LEFT,
  say,
  tlsErrorOf,
} from "../../support/sockets.ts";
import {
  assertEchoes,
  connect,
  connectTcp,
  echo,
  HOSTNAME,
  listen,
} from "../../support/listeners.ts";

const { cert, key } = certificate;

describe("listenTls", NOTHING_LEFT, () => {
  it("gives out connections whose handshake is done", async () => {
    const { listener } = listen({ alpnProtocols: ["echo"] });
    const [client, server] = await Promise.all([
      connectTls({
        hostname: HOSTNAME,
        port: listener.addr.port,
        caCerts: [cert],
        alpnProtocols: ["echo"],
      }),
      listener.accept(),
    ]);
    assertEquals(listener.addr.transport, "tcp");
    assertEquals(listener.addr.hostname, HOSTNAME);
    assertEquals(server.info?.alpnProtocol, "echo");
    assertEquals(server.info?.remoteAddress, client.info?.localAddress);
    assertEquals(
      server.info?.localAddress,
      `${HOSTNAME}:${listener.addr.port}`,
    );
    await Promise.all([client.close(), server.close()]);
    listener.close();
  });

  it("carries megabytes, and answers after the end of a question", async () => {
    const { listener } = listen();
    const [client, server] = await Promise.all([
      connect(listener),
      listener.accept(),
    ]);
    const question = new Uint8Array(3_000_000).map((_, i) => i % 251);
    const asking = say(client, question).then(() => client.writable.close());
    assertEquals(await hearAll(server), question);
    await asking;
    const answer = hearAll(client);
    await say(server, question);
    await server.writable.close();
    assertEquals(await answer, question);
    await Promise.all([client.closed, server.closed]);
    listener.close();
  });

  it("closes when its loop is left, and leaves connections alone", async () => {
    const { listener } = listen();
    const connecting = connect(listener);
    let server: TlsSocket | undefined;
    for await (const socket of listener) {
      server = socket;
      break;
    }
    assert(server);
    await tlsErrorOf(listener.accept(), "closed");
    const client = await connecting;
    await say(client, "still here");
    assertEquals(await hear(server), "still here");
    await Promise.all([client.close(), server.close()]);
  });

  it("leaves nothing of a context of its own when it is closed", () => {
    const openssl = new OpenSSL();
    listen({ openssl }).listener.close();
    // Some of OpenSSL's objects are made once and stay.
    const { handles } = openssl.memory;
    listen({ openssl }).listener.close();
    assertEquals(openssl.memory.handles, handles);
  });

  it("closes by its signal, and ends who waits, and who wasn't accepted", async () => {
    const controller = new AbortController();
    const { listener, reports } = listen({ signal: controller.signal });
    const loop = echo(listener);
    const waiting = tlsErrorOf(listener.accept(), "closed");
    const stalled = await connectTcp(listener);
    await assertEchoes(listener);
    controller.abort();
    await Promise.all([loop, waiting]);
    assertEquals(await stalled.read(new Uint8Array(1)), null);
    stalled.close();
    listener.close();
    assertEquals(reports, []);
    await assertRejects(() => connectTcp(listener));

    const aborted = listen({ signal: AbortSignal.abort() });
    await tlsErrorOf(aborted.listener.accept(), "closed");

    const { listener: another } = listen();
    const unaccepted = await connect(another);
    another.close();
    await failureOf(hear(unaccepted));
    await failureOf(unaccepted.closed);
  });
});

describe("listenTls with reusePort", NOTHING_LEFT, () => {
  it("shares a port", () => {
    const options = { hostname: HOSTNAME, cert, key, reusePort: true };
    using one = listenTls({ ...options, port: 0 });
    using other = listenTls({ ...options, port: one.addr.port });
    assertEquals(other.addr.port, one.addr.port);
  });

  it("says which flag it needs", async () => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--no-config",
        `import { listenTls } from "${new URL(
          "../../../mod.ts",
          import.meta.url,
        )}";
         listenTls({ port: 0, reusePort: true });`,
      ],
    }).output();
    assertEquals(code, 1);
    assertStringIncludes(
      new TextDecoder().decode(stderr),
      "options.reusePort needs Deno's flag --unstable-net",
    );
  });
});

describe("listenTls refuses", NOTHING_LEFT, () => {
  const cases: [string, Record<string, unknown>, typeof Error, string][] = [
    [
      "a context and options of its own",
      {
        context: contextOf(),
        cert,
        key,
      },
      TypeError,
      "options.cert",
    ],
    ["what isn't a context", { context: {} }, TypeError, "options.context"],
    [
      "no certificate",
      { cert: undefined, key: undefined },
      TypeError,
      "needs cert and key",
    ],
    ["a misspelt option", { host: HOSTNAME }, TypeError, "options.host is no"],
    ["a bad reusePort", { reusePort: 1 }, TypeError, "options.reusePort"],
    ["a bad deadline", { handshakeTimeout: -1 }, RangeError, "received -1"],
    ["a bad limit", { maxHandshakes: 0 }, RangeError, "maxHandshakes"],
    ["a bad signal", { signal: "stop" }, TypeError, "options.signal"],
    [
      "a bad listener",
      { onConnectionError: "log" },
      TypeError,
      "onConnectionError",
    ],
  ];
  for (const [what, options, type, message] of cases) {
    it(what, () => {
      assertThrows(
        () => listenTls({ port: 0, cert, key, ...options }),
        type,
        message,
      );
    });
  }

  it("nothing at all", () => {
    const listen = listenTls as unknown as () => unknown;
    assertThrows(() => listen(), TypeError, "options must be an object");
  });

  it("a port that is taken", () => {
    using tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
    const { port } = tcp.addr;
    assertThrows(
      () => listenTls({ hostname: HOSTNAME, port, cert, key }),
      Deno.errors.AddrInUse,
      `Cannot listen on ${HOSTNAME}:${port}: `,
    );
  });
});
