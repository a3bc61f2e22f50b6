import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connect as connectSocket } from "node:net";
import { connectTls, startTls } from "@sesame/tls";
import { TlsAcceptor } from "../../../src/tls/deno/acceptor.ts";
import { CliServer } from "../../support/cli.ts";
import { certificate, contextOf } from "../../support/engines.ts";
import {
  assertEchoes,
  connectTcp,
  echo,
  HOSTNAME,
  listen,
  type Reports,
} from "../../support/listeners.ts";
import { hear, NOTHING_LEFT, say } from "../../support/sockets.ts";

const RESETS = 1_000;

/** Connects, and resets the connection as soon as it is there. */
function reset(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, HOSTNAME, () => {
      socket.resetAndDestroy();
    });
    socket.once("close", () => resolve());
    socket.once("error", reject);
  });
}

describe("A listener in a flood", NOTHING_LEFT, () => {
  it(`of ${RESETS} connections that are reset before it takes them`, async () => {
    using context = contextOf();
    const tcp = Deno.listen({
      hostname: HOSTNAME,
      port: 0,
      tcpBacklog: 2 * RESETS,
    });
    for (let i = 0; i < RESETS; i += 50) {
      await Promise.all(Array.from({ length: 50 }, () => reset(tcp.addr.port)));
    }
    const reports: Reports = [];
    const listener = new TlsAcceptor(tcp, {
      context,
      ownsContext: false,
      handshakeTimeout: 10_000,
      maxHandshakes: 10,
      signal: undefined,
      onConnectionError: (...report) => reports.push(report),
      onClose: () => {},
    });
    const loop = echo(listener);
    // With a pause for each it would take minutes: longer than a handshake may.
    await assertEchoes(listener);
    assertGreater(reports.length, RESETS / 2);
    for (const [error, from] of reports) {
      assert(error instanceof Deno.errors.NotConnected);
      assertEquals(from, null);
    }
    listener.close();
    await loop;
  });

  it("of 20 resets a second, while clients come", async () => {
    const { listener } = listen();
    const loop = echo(listener);
    const timer = setInterval(() => {
      // The last may find the listener closed.
      reset(listener.addr.port).catch(() => {});
    }, 50);
    for (let i = 0; i < 20; i++) {
      await assertEchoes(listener);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    clearInterval(timer);
    listener.close();
    await loop;
  });

  it("of silence, lets who has an answer finish", async () => {
    const { listener, reports } = listen({ maxHandshakes: 20 });
    const loop = echo(listener);
    const slow = await slowClient(listener.addr.port);
    const silent = await Promise.all(
      Array.from({ length: 60 }, () => connectTcp(listener)),
    );
    await assertEchoes(listener);
    await slow.finish();
    assertEquals(reports.length, listener.stats.evicted);
    assertEquals(listener.stats.accepted, 2);
    assertGreater(listener.stats.evicted, 40);
    for (const conn of silent) conn.close();
    listener.close();
    await loop;
  });

  it("that leaves the host no descriptors, ends what it has for who comes", async () => {
    await using server = await CliServer.start(["--echo"], { openFiles: 100 });
    const { port } = server;
    const silent: Deno.TcpConn[] = [];
    for (let i = 0; i < 200; i++) {
      silent.push(await Deno.connect({ hostname: HOSTNAME, port }));
    }
    const socket = await connectTls({
      hostname: HOSTNAME,
      port,
      caCerts: [certificate.cert],
    });
    await say(socket, "hello");
    assertEquals(await hear(socket), "hello");
    await socket.close();
    for (const conn of silent) conn.close();
  });
});

/** A client that has the server's answer, and is in no hurry with its own. */
async function slowClient(
  port: number,
): Promise<{ finish(): Promise<void> }> {
  let goOn = (): void => {};
  const held = new Promise<void>((resolve) => goOn = resolve);
  const conn = await Deno.connect({ hostname: HOSTNAME, port });
  let isAnswered = (): void => {};
  const answered = new Promise<void>((resolve) => isAnswered = resolve);
  const { readable, writable } = conn;
  const slow = readable.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      async transform(chunk, controller): Promise<void> {
        isAnswered();
        await held;
        controller.enqueue(chunk);
      },
    }),
  );
  using context = contextOf();
  const socket = startTls({ readable: slow, writable }, {
    role: "client",
    context,
    hostname: "localhost",
  });
  await answered;
  return {
    async finish(): Promise<void> {
      goOn();
      await say(socket, "hello");
      assertEquals(await hear(socket), "hello");
      await socket.close();
    },
  };
}
