import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  TlsContext,
  type TlsError,
  type TlsSocket,
} from "@sesame/tls";
import { certificate, contextOf } from "../../support/engines.ts";
import { HOSTNAME, listen } from "../../support/listeners.ts";
import {
  closeAll,
  failureOf,
  hear,
  newLine,
  NOTHING_LEFT,
  openSockets,
  say,
  settle,
  type Sockets,
  socketsOf,
} from "../../support/sockets.ts";

const CHUNK = new Uint8Array(100_000);

/** A server that insists on a certificate, and a client of TLS 1.3 that has none. */
function refused(): Sockets {
  const server = contextOf({
    clientAuth: "require",
    caCerts: [certificate.cert],
  });
  const client = new TlsContext({ caCerts: [certificate.cert] });
  try {
    return socketsOf(server, client);
  } finally {
    server.close();
    client.close();
  }
}

function assertRefusal(error: unknown): void {
  assertEquals((error as TlsError).alert, "certificate required");
}

describe("A client that is refused after its handshake", NOTHING_LEFT, () => {
  it("hears of it without doing anything", async () => {
    const { client, server } = refused();
    await client.opened;
    assertRefusal(await failureOf(client.closed));
    await failureOf(server.closed);
  });

  it("hears of it by what it writes, and closes", async () => {
    const { client, server } = refused();
    await client.opened;
    const writing = (async () => {
      for (let i = 0; i < 40; i++) await say(client, CHUNK);
    })();
    const error = await failureOf(writing);
    assertRefusal(error);
    assertStrictEquals(await failureOf(client.closed), error);
    assertStrictEquals(await failureOf(client.close()), error);
    assertStrictEquals(await failureOf(hear(client)), error);
    await client[Symbol.asyncDispose]();
    await failureOf(server.closed);
  });

  it("hears of it when it closes at once", async () => {
    const { client, server } = refused();
    await client.opened;
    assertRefusal(await failureOf(client.close()));
    assertRefusal(await failureOf(client.closed));
    await failureOf(server.closed);
  });

  it("hears of it after it has closed its side", async () => {
    const { client, server } = refused();
    await client.opened;
    await client.writable.close().catch(assertRefusal);
    assertRefusal(await failureOf(client.closed));
    await failureOf(server.closed);
  });

  it("hears of it by its stream of sessions", async () => {
    const { client, server } = refused();
    assertRefusal(await failureOf(client.sessions.getReader().read()));
    await failureOf(client.closed);
    await failureOf(server.closed);
  });

  it("hears of it over TCP, however much it writes", async () => {
    const { listener } = listen({
      clientAuth: "require",
      caCerts: [certificate.cert],
    });
    const client = await connectTls({
      hostname: HOSTNAME,
      port: listener.addr.port,
      caCerts: [certificate.cert],
    });
    const writing = (async () => {
      for (let i = 0; i < 40; i++) await say(client, CHUNK);
    })();
    // The system may take all of it before the server has answered.
    await writing.catch(assertRefusal);
    assertRefusal(await failureOf(client.closed));
    assertRefusal(await failureOf(say(client, CHUNK)));
    assertRefusal(await failureOf(client.close()));
    listener.close();
  });
});

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  describe(
    `A ${version} socket whose peer ends it by an alert`,
    NOTHING_LEFT,
    () => {
      for (const who of ["client", "server"] as const) {
        it(`tells a ${who} that only writes`, async () => {
          const { socket, over } = await tampered(version, who);
          await say(socket, "pay 1").catch(assertTampering);
          assertTampering(await failureOf(socket.closed));
          assertTampering(await failureOf(say(socket, "pay 2")));
          await over();
        });

        it(`tells a ${who} that closes`, async () => {
          const { socket, over } = await tampered(version, who);
          say(socket, "pay 1").catch(assertTampering);
          assertTampering(await failureOf(socket.close()));
          assertTampering(await failureOf(socket.closed));
          await over();
        });

        it(`tells a ${who} that has closed its side`, async () => {
          const { socket, over } = await tampered(version, who);
          await socket.writable.close().catch(assertTampering);
          assertTampering(await failureOf(socket.closed));
          await over();
        });
      }
    },
  );
}

function assertTampering(error: unknown): void {
  assertEquals((error as TlsError).alert, "bad record mac");
}

/** An end of a connection whose other end gets nothing as it was sent. */
async function tampered(
  version: "TLSv1.2" | "TLSv1.3",
  who: "client" | "server",
): Promise<{ socket: TlsSocket; over(): Promise<void> }> {
  using context = contextOf({ maxVersion: version });
  const line = newLine();
  let isArmed = false;
  const meddler = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller): void {
      if (isArmed) chunk.set([(chunk.at(-1) ?? 0) ^ 1], chunk.length - 1);
      controller.enqueue(chunk);
    },
  });
  const [end, victim] = who === "client"
    ? [line.there, "there"] as const
    : [line.here, "here"] as const;
  const piping = end.readable.pipeTo(meddler.writable).catch(() => {});
  const ends = await openSockets(context, context, {
    line: { ...line, [victim]: { ...end, readable: meddler.readable } },
  });
  // What comes with the handshake isn't meddled with.
  await settle();
  isArmed = true;
  return {
    socket: ends[who],
    async over(): Promise<void> {
      await closeAll(ends);
      await piping;
    },
  };
}
