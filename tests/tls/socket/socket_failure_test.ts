import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL, startTls, TlsError } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { crash } from "../../support/crash.ts";
import { contextOf } from "../../support/engines.ts";
import {
  closeAll,
  failureOf,
  hear,
  hearAll,
  newLine,
  NOTHING_LEFT,
  openSockets,
  say,
  settle,
  socketsOf,
  tlsErrorOf,
} from "../../support/sockets.ts";

describe("A socket fails", NOTHING_LEFT, () => {
  it("where its writable is aborted: the peer can tell", async () => {
    using context = contextOf();
    const { client, server } = await openSockets(context);
    const reason = new Error("the disk is full");
    await client.writable.abort(reason);
    const error = await tlsErrorOf(client.closed, "closed");
    assertStrictEquals(error.cause, reason);
    assert(await failureOf(hear(server)) instanceof TlsError);
    await failureOf(server.closed);
  });

  it("where its writable is aborted while a write is stuck", async () => {
    using context = contextOf();
    const { client, server } = await openSockets(context);
    const writer = client.writable.getWriter();
    const written = failureOf(writer.write(new Uint8Array(1_000_000)));
    await settle();
    const aborted = writer.abort(new Error("enough"));
    const error = await tlsErrorOf(client.closed, "closed");
    assertStrictEquals(await written, error);
    await aborted;
    await failureOf(hearAll(server));
    await failureOf(server.closed);
  });

  it("where the transport is reset in the middle of the handshake", async () => {
    using context = contextOf();
    const line = newLine();
    const client = startTls(line.here, {
      role: "client",
      context,
      hostname: "localhost",
    });
    await settle();
    const cause = new Error("connection reset by peer");
    line.reset(cause);
    const error = await tlsErrorOf(client.opened, "transport");
    assertStrictEquals(error.cause, cause);
    assertStrictEquals(await failureOf(client.closed), error);
    assertStrictEquals(await failureOf(hear(client)), error);
    assertStrictEquals(await failureOf(say(client, "?")), error);
  });

  it("in one direction where only that fails", async () => {
    using context = contextOf();
    const line = newLine();
    const { client, server } = await openSockets(context, context, { line });
    await say(server, "too long, and I don't read on");
    const broken = new Error("broken pipe");
    line.breakOut(broken);
    const error = await tlsErrorOf(say(client, "more"), "transport");
    assertEquals(await hear(client), "too long, and I don't read on");
    assertStrictEquals(await failureOf(client.close()), error);
    assertStrictEquals(await failureOf(client.closed), error);
    await failureOf(hear(server));
    await failureOf(server.closed);
  });

  it("where the transport is reset after this end's last word", async () => {
    using context = contextOf();
    const line = newLine();
    const { client, server } = await openSockets(context, context, { line });
    await client.closeWrite();
    const cause = new Error("connection reset by peer");
    line.reset(cause);
    const error = await tlsErrorOf(hear(client), "transport");
    assertStrictEquals(error.cause, cause);
    assertStrictEquals(await failureOf(client.closed), error);
    await server[Symbol.asyncDispose]();
  });

  it("where the transport ends in the middle of the handshake", async () => {
    using context = contextOf();
    const line = newLine();
    const server = startTls(line.there, { role: "server", context });
    line.cut();
    await tlsErrorOf(server.opened, "truncated");
    await tlsErrorOf(server.closed, "truncated");
  });

  it("where what comes makes no sense, with an alert", async () => {
    using context = contextOf();
    const line = newLine();
    const server = startTls(line.there, { role: "server", context });
    const unexpected = Uint8Array.of(22, 3, 1, 0, 4, 2, 0, 0, 0);
    await say(line.here, unexpected);
    const error = await tlsErrorOf(server.opened, "handshake");
    assertEquals(error.alert, "unexpected message");
    await line.here.writable.close();
    assertEquals([...await hearAll(line.here)].slice(0, 2), [21, 3]);
    await tlsErrorOf(server.closed, "handshake");
  });

  it("where the certificate can't be trusted, at both ends", async () => {
    using context = contextOf();
    const { client, server } = socketsOf(context, context, {
      client: { hostname: "other.test" },
    });
    await tlsErrorOf(client.opened, "certificate");
    await tlsErrorOf(server.opened, "handshake");
    await Promise.all([failureOf(client.closed), failureOf(server.closed)]);
  });

  it("where the handshake takes too long", async () => {
    using context = contextOf();
    const line = newLine();
    const server = startTls(line.there, {
      role: "server",
      context,
      handshakeTimeout: 20,
    });
    const error = await tlsErrorOf(server.opened, "timeout");
    assert(error.message.includes("20 ms"));
    await tlsErrorOf(server.closed, "timeout");
    await failureOf(hearAll(line.here));
  });

  it("where its OpenSSL has crashed, which a write finds out", async () => {
    const openssl = new OpenSSL();
    using crashing = contextOf({ openssl });
    using context = contextOf();
    const { client, server } = await openSockets(crashing, context);
    const read = tlsErrorOf(server.read(new Uint8Array(1)), "instance-dead");
    crash(openssl);
    const error = await tlsErrorOf(
      server.write(new Uint8Array(1)),
      "instance-dead",
    );
    assertStrictEquals(await read, error);
    assertStrictEquals(await failureOf(server.closed), error);
    await closeAll({ client, server });
  });

  it("where its OpenSSL has crashed, which an update of its keys finds out", async () => {
    const openssl = new OpenSSL();
    using crashing = contextOf({ openssl });
    using context = contextOf();
    const { client, server } = await openSockets(crashing, context);
    crash(openssl);
    const error = assertThrows(() => server.updateKeys(), TlsError);
    assertEquals(error.code, "instance-dead");
    assertStrictEquals(await failureOf(server.closed), error);
    await closeAll({ client, server });
  });

  it("not, where bytes are transferred before they are sent: only that write does", async () => {
    using context = contextOf();
    const ends = socketsOf(context);
    const { client, server } = ends;
    const bytes = new Uint8Array(4);
    const written = client.write(bytes);
    bytes.buffer.transfer();
    await assertRejects(() => written, TypeError, "was transferred");
    await client.write(new Uint8Array([7]));
    const buffer = new Uint8Array(2);
    assertEquals([await server.read(buffer), buffer[0]], [1, 7]);
    await closeAll(ends);
  });

  it("where the peer leaves while a store is asked, which is told", async () => {
    const store = new MemorySessionStore();
    using context = contextOf({ sessions: store });
    const first = socketsOf(context);
    const { value: session } = await first.client.sessions.getReader().read();
    assert(session);
    await closeAll(first);

    let isAsked = (): void => {};
    const asked = new Promise<void>((resolve) => isAsked = resolve);
    let signal: AbortSignal | undefined;
    using waiting = contextOf({
      lookupTimeout: 60_000,
      sessions: {
        get: (_id, options) => {
          signal = options?.signal;
          isAsked();
          return new Promise(() => {});
        },
        set: () => {},
        delete: () => {},
      },
    });
    const line = newLine();
    const ends = socketsOf(waiting, context, { client: { session }, line });
    await asked;
    assertEquals(signal?.aborted, false);
    line.cut();
    await tlsErrorOf(ends.server.opened, "truncated");
    assertEquals(signal?.aborted, true);
    await Promise.all([
      failureOf(ends.client.closed),
      failureOf(ends.server.closed),
    ]);
  });
});
