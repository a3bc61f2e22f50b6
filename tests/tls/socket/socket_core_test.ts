/** The life of a socket: what it waits for, and that it ends once. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  startTls,
  type TlsContext,
  TlsEngine,
  type TlsSocket,
} from "@sesame/tls";
import { SocketCore } from "../../../src/tls/socket/socket_core.ts";
import type {
  SocketHooks,
  SocketSettings,
} from "../../../src/tls/socket/socket_settings.ts";
import { StreamWire } from "../../../src/tls/socket/stream_wire.ts";
import { contextOf } from "../../support/engines.ts";
import {
  closeAll,
  failureOf,
  hear,
  hearAll,
  type Line,
  newLine,
  NOTHING_LEFT,
  openSockets,
  say,
  settle,
  socketsOf,
  tlsErrorOf,
} from "../../support/sockets.ts";

/** A server's core, whose timers never ring, and a client that talks to it. */
function coreOf(
  context: TlsContext,
  hooks: SocketHooks = {},
  settings: Partial<SocketSettings> = {},
): { core: SocketCore; line: Line; client: TlsSocket } {
  const line = newLine();
  const never = () => (): void => {};
  const core = new SocketCore({
    engine: new TlsEngine(context, { role: "server" }),
    role: "server",
    wire: new StreamWire(line.there),
    timers: { handshake: never, flush: never, linger: never },
    handshakeTimeout: 1,
    hooks,
    ...settings,
  });
  core.start();
  const client = startTls(line.here, {
    role: "client",
    context,
    hostname: "localhost",
  });
  return { core, line, client };
}

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let is = false;
  promise.finally(() => is = true).catch(() => {});
  await settle();
  return is;
}

describe("A socket", NOTHING_LEFT, () => {
  it("knows nothing of its peer before the handshake is done", async () => {
    using context = contextOf();
    const ends = socketsOf(context);
    assertEquals([ends.client.info, ends.client.resumption], [null, null]);
    await Promise.all([ends.client.opened, ends.server.opened]);
    await closeAll(ends);
  });

  it("waits with what is written, and with its end, for the handshake", async () => {
    using context = contextOf();
    for (
      const write of [
        (client: TlsSocket) => client.write(new Uint8Array(1)),
        (client: TlsSocket) => client.closeWrite(),
      ]
    ) {
      const line = newLine();
      const client = startTls(line.here, {
        role: "client",
        context,
        hostname: "localhost",
      });
      const writing = write(client);
      assertEquals(await isSettled(writing), false);
      line.cut();
      await tlsErrorOf(writing, "truncated");
      await failureOf(client.closed);
    }
  });

  it("has no sessions to give as a server", async () => {
    using context = contextOf();
    const ends = await openSockets(context);
    assertEquals(await Array.fromAsync(ends.server.sessions), []);
    await closeAll(ends);
  });

  it("ends in order where the peer has said goodbye and takes no more", async () => {
    using context = contextOf();
    const line = newLine();
    const { client, server } = await openSockets(context, context, { line });
    await server.closeWrite();
    assertEquals(await hear(client), null);
    line.breakOut(new Error("broken pipe"));
    await client.close();
    await server[Symbol.asyncDispose]();
  });

  it("ends by itself where nothing can be written and nothing comes", async () => {
    using context = contextOf();
    const line = newLine();
    const { client, server } = await openSockets(context, context, { line });
    await server.closeWrite();
    assertEquals(await hear(client), null);
    line.breakOut(new Error("broken pipe"));
    const error = await tlsErrorOf(say(client, "?"), "transport");
    assertStrictEquals(await failureOf(client.closed), error);
    await server[Symbol.asyncDispose]();
  });
});

describe("Who made a socket", NOTHING_LEFT, () => {
  it("has it open, and gives it back, when it is done itself", async () => {
    using context = contextOf();
    const opening = Promise.withResolvers<void>();
    const failing = Promise.withResolvers<void>();
    const { core, client, line } = coreOf(context, {
      onOpen: () => opening.promise,
      onFailure: () => failing.promise,
    });
    await client.opened;
    assertEquals(await isSettled(core.opened), false);
    opening.resolve();
    await core.opened;
    line.cut();
    await failureOf(client.closed);
    assertEquals(await isSettled(core.closed), false);
    failing.resolve();
    await tlsErrorOf(core.closed, "truncated");
  });

  it("isn't told of a failure after the end, nor of a second end", async () => {
    using context = contextOf();
    const told: unknown[] = [];
    const { core, client } = coreOf(context, {
      onFailure: (error) => {
        told.push(error);
        return Promise.resolve();
      },
      onNeverOpen: ({ error }) => void told.push(error),
    });
    const error = new Error("no more");
    core.abort(error);
    core.abort(new Error("later"));
    core.onFailure(new Error("later"));
    assertStrictEquals(await failureOf(core.closed), error);
    assertStrictEquals(await failureOf(core.opened), error);
    assertEquals(told, [error]);
    await failureOf(client.opened);
  });

  it("can't have it open after its end", async () => {
    using context = contextOf();
    const opening = Promise.withResolvers<void>();
    const shaken = Promise.withResolvers<void>();
    const { core, client } = coreOf(context, {
      onOpen: () => {
        shaken.resolve();
        return opening.promise;
      },
    });
    await shaken.promise;
    assertEquals(core.info?.resumed, false);
    const error = new Error("no more");
    core.abort(error);
    opening.resolve();
    await settle();
    assertStrictEquals(await failureOf(core.opened), error);
    await failureOf(client.closed);
  });
});

describe("A socket that is closed", NOTHING_LEFT, () => {
  it("before its handshake, or after its end, has nothing to wait for", async () => {
    using context = contextOf();
    let waits = 0;
    const count = () => {
      waits++;
      return (): void => {};
    };
    const timers = { handshake: () => () => {}, flush: count, linger: count };
    const error = new Error("no more");
    for (const hasEnded of [false, true]) {
      const { core, client } = coreOf(context, {}, { timers });
      if (hasEnded) core.abort(error);
      const closing = core.close();
      if (hasEnded) assertStrictEquals(await failureOf(closing), error);
      else await closing;
      assertEquals(waits, 0);
      await failureOf(client.closed);
    }
  });

  it("when nothing is left to go, needs no time for it", async () => {
    using context = contextOf();
    let waits = 0;
    const { core, client } = coreOf(context, {}, {
      timers: {
        handshake: () => () => {},
        linger: () => () => {},
        flush: () => {
          waits++;
          return () => {};
        },
      },
    });
    await core.opened;
    await Promise.all([core.close(), client.close()]);
    assertEquals(waits, 0);
  });

  it("goes on once, though what was written goes after its time", async () => {
    using context = contextOf();
    let ring = (): void => {};
    let ends = 0;
    const { core, client } = coreOf(context, {}, {
      timers: {
        handshake: () => () => {},
        linger: () => () => {},
        flush: (callback) => {
          ring = callback;
          return () => void ends++;
        },
      },
    });
    await core.opened;
    const length = 1_000_000;
    const written = failureOf(core.output.write(new Uint8Array(length)));
    await settle();
    const closing = failureOf(core.close());
    ring();
    await hearAll(client).catch(() => {});
    await Promise.all([closing, written, client[Symbol.asyncDispose]()]);
    assertEquals(ends, 1);
  });

  it("when its handshake is done says goodbye after it was opened", async () => {
    using context = contextOf();
    const opening = Promise.withResolvers<void>();
    const shaken = Promise.withResolvers<void>();
    const { core, client } = coreOf(context, {
      onOpen: () => {
        shaken.resolve();
        return opening.promise;
      },
    });
    await shaken.promise;
    const closing = core.close();
    const heard = hear(client);
    assertEquals(await isSettled(heard), false);
    opening.resolve();
    await core.opened;
    assertEquals(await heard, null);
    await Promise.all([closing, client.close()]);
  });
});

describe(
  "A socket that is closed while it can't be written",
  NOTHING_LEFT,
  () => {
    it("ends at once with what went wrong, and doesn't wait for the peer", async () => {
      using context = contextOf();
      let lingers = 0;
      const { core, client, line } = coreOf(context, {}, {
        timers: {
          handshake: () => () => {},
          flush: () => () => {},
          linger: () => {
            lingers++;
            return () => {};
          },
        },
      });
      await core.opened;
      const written = failureOf(core.output.write(new Uint8Array(1_000_000)));
      await settle();
      const closing = failureOf(core.close());
      line.reset(new Error("reset"));
      const error = await closing;
      assertStrictEquals(await written, error);
      assertEquals(lingers, 0);
      await client[Symbol.asyncDispose]();
    });
  },
);
