import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  listenTls,
  startTls,
  TlsContext,
  type TlsError,
  type TlsSocket,
} from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { certificate, contextOf } from "../../support/engines.ts";
import { connect, HOSTNAME, listen } from "../../support/listeners.ts";
import {
  closeAll,
  failureOf,
  hear,
  NOTHING_LEFT,
  openSockets,
  say,
  settle,
  type Sockets,
  socketsOf,
  tlsErrorOf,
} from "../../support/sockets.ts";

const { cert, key } = certificate;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Reads at most `size` bytes, as text; `null` at the end. */
async function readText(
  conn: Pick<Deno.Conn, "read">,
  size = 100,
): Promise<string | null> {
  const buffer = new Uint8Array(size);
  const count = await conn.read(buffer);
  return count === null
    ? null
    : new TextDecoder().decode(buffer.subarray(0, count));
}

/** Reads to the end, as code written for `Deno.Conn` does. */
async function readAll(conn: Pick<Deno.Conn, "read">): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new Uint8Array(8_192);
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) return await new Blob(chunks).bytes();
    chunks.push(buffer.slice(0, count));
  }
}

async function overTcp(): Promise<Sockets & AsyncDisposable> {
  const { listener } = listen();
  const [client, server] = await Promise.all([
    connect(listener),
    listener.accept(),
  ]);
  listener.close();
  const sockets = { client, server };
  return { ...sockets, [Symbol.asyncDispose]: () => closeAll(sockets) };
}

async function inMemory(): Promise<Sockets & AsyncDisposable> {
  const context = contextOf();
  const sockets = await openSockets(context);
  return {
    ...sockets,
    async [Symbol.asyncDispose](): Promise<void> {
      await closeAll(sockets);
      context.close();
    },
  };
}

for (
  const [name, make] of [["over TCP", overTcp], [
    "over streams",
    inMemory,
  ]] as const
) {
  describe(`read() and write() of a socket ${name}`, NOTHING_LEFT, () => {
    it("carry bytes both ways, as far as there is room", async () => {
      await using sockets = await make();
      const { client, server } = sockets;
      assertEquals(await client.write(encode("hello")), 5);
      assertEquals(await readText(server, 3), "hel");
      assertEquals(await readText(server, 3), "lo");
      assertEquals(await server.write(encode("you")), 3);
      assertEquals(await readText(client), "you");
    });

    it("wait for what comes, several in their order", async () => {
      await using sockets = await make();
      const { client, server } = sockets;
      const reads = [readText(server, 2), readText(server, 2)];
      await client.write(encode("abcd"));
      assertEquals(await Promise.all(reads), ["ab", "cd"]);
    });

    it("keep the order of writes that are under way together", async () => {
      await using sockets = await make();
      const { client, server } = sockets;
      const chunks = Array.from(
        { length: 5 },
        (_, i) => new Uint8Array(100_000).fill(i),
      );
      const reading = readAll(server);
      await Promise.all(chunks.map((chunk) => client.write(chunk)));
      await client.closeWrite();
      assertEquals(await reading, await new Blob(chunks).bytes());
    });

    it("take nothing for nothing", async () => {
      await using sockets = await make();
      const { client } = sockets;
      assertEquals(await client.read(new Uint8Array()), 0);
      assertEquals(await client.write(new Uint8Array()), 0);
    });

    it("end each direction by itself", async () => {
      await using sockets = await make();
      const { client, server } = sockets;
      await client.closeWrite();
      await client.closeWrite();
      assertEquals(await readText(server), null);
      assertEquals(await readText(server), null);
      await server.write(encode("answer"));
      assertEquals(await readText(client), "answer");
      await tlsErrorOf(client.write(encode("more")), "closed");
      await server.closeWrite();
      assertEquals(await readText(client), null);
      await Promise.all([client.closed, server.closed]);
    });

    it("fail where the socket is closed", async () => {
      await using sockets = await make();
      const { client, server } = sockets;
      const reading = readText(client);
      const closed = Promise.all([client.close(), server.close()]);
      await tlsErrorOf(reading, "closed");
      await closed;
      await tlsErrorOf(readText(client), "closed");
      await tlsErrorOf(client.write(encode("x")), "closed");
      await tlsErrorOf(client.closeWrite(), "closed");
    });

    it("refuse what isn't bytes, and go on", async () => {
      await using sockets = await make();
      const { client, server } = sockets;
      await assertRejects(
        () => client.read("" as never),
        TypeError,
        "p must be a Uint8Array, received string",
      );
      await assertRejects(
        () => client.write([1] as never),
        TypeError,
        "p must be a Uint8Array, received object",
      );
      await client.write(encode("still"));
      assertEquals(await readText(server), "still");
    });

    it("take turns with the streams", async () => {
      await using sockets = await make();
      const { client, server } = sockets;
      await client.write(encode("one"));
      assertEquals(await readText(server, 2), "on");
      assertEquals(await hear(server), "e");
      await say(client, "two");
      assertEquals(await readText(server), "two");
      const reader = server.readable.getReader({ mode: "byob" });
      await client.write(encode("three"));
      await reader.read(new Uint8Array(2));
      reader.releaseLock();
      assertEquals(await readText(server), "ree");
    });

    it("are refused while a stream keeps what its reader has got a part of", async () => {
      await using sockets = await make();
      const { client, server } = sockets;
      const reader = server.readable.getReader({ mode: "byob" });
      await client.write(encode("seven by"));
      await reader.read(new Uint32Array(1));
      await client.write(encode("tes"));
      await reader.read(new Uint32Array(1));
      const third = reader.read(new Uint32Array(1)).catch(() => {});
      await settle();
      reader.releaseLock();
      await third;
      await assertRejects(
        () => server.read(new Uint8Array(9)),
        TypeError,
        "readable keeps bytes",
      );
      // The stream hands them on with what comes next.
      await client.write(encode("!"));
      const rest = server.readable.getReader();
      let text = "";
      while (text.length < 4) {
        const { value } = await rest.read();
        text += new TextDecoder().decode(value);
      }
      rest.releaseLock();
      assertEquals(text, "tes!");
      await client.write(encode("?"));
      assertEquals(await readText(server), "?");
    });

    it("are refused while a stream is in use", async () => {
      await using sockets = await make();
      const { client } = sockets;
      const reader = client.readable.getReader();
      await assertRejects(
        () => client.read(new Uint8Array(1)),
        TypeError,
        "Cannot read: the socket's readable is locked",
      );
      reader.releaseLock();
      const writer = client.writable.getWriter();
      for (const method of ["write", "closeWrite"] as const) {
        await assertRejects(
          () => client[method](encode("x")),
          TypeError,
          `Cannot ${method}: the socket's writable is locked`,
        );
      }
      const writing = writer.write(encode("x"));
      writer.releaseLock();
      await assertRejects(
        () => client.write(encode("y")),
        TypeError,
        "Cannot write: the socket's writable still has chunks to write",
      );
      await writing;
    });

    it("refuse a stream while they are under way", async () => {
      await using sockets = await make();
      const { client, server } = sockets;
      const reading = readText(client);
      assertThrows(() => client.readable, TypeError, "a read() is under way");
      await say(server, "x");
      assertEquals(await reading, "x");
      assert(!client.readable.locked);
      const writing = client.write(encode("y"));
      assertThrows(() => client.writable, TypeError, "a write() is under way");
      await writing;
      assert(!client.writable.locked);
    });

    it("are flushed by close()", async () => {
      await using sockets = await make();
      const { client, server } = sockets;
      const data = new Uint8Array(500_000).map((_, i) => i % 251);
      const writing = client.write(data);
      const closing = client.close();
      assertEquals(await readAll(server), data);
      assertEquals(await writing, data.length);
      await server.close();
      await closing;
    });

    it("wait where nobody reads", async () => {
      await using sockets = await make();
      const { client, server } = sockets;
      let written = 0;
      const writing = (async () => {
        for (let i = 0; i < 200; i++) {
          written += await client.write(new Uint8Array(65_536));
        }
        await client.closeWrite();
      })();
      await settle();
      const stalled = written;
      await settle();
      assert(stalled < 200 * 65_536 && written === stalled);
      assertEquals((await readAll(server)).length, 200 * 65_536);
      await writing;
    });
  });
}

describe("A socket before its handshake is done", NOTHING_LEFT, () => {
  it("reads and writes once it is", async () => {
    using context = contextOf();
    const sockets = socketsOf(context);
    const reading = readText(sockets.server);
    assertEquals(await sockets.client.write(encode("early bird")), 10);
    assertEquals(await reading, "early bird");
    await closeAll(sockets);
  });

  it("fails reads and writes with what ended it", async () => {
    using context = contextOf();
    using other = new TlsContext({
      caCerts: [createTestCertificate().cert],
    });
    const { client, server } = socketsOf(context, other);
    const { code } = await failureOf(
      client.read(new Uint8Array(1)),
    ) as TlsError;
    assertEquals(code, "certificate");
    await tlsErrorOf(client.write(encode("x")), "certificate");
    await tlsErrorOf(server.write(encode("x")), "handshake");
  });
});

/** A server of HTTP/1.1, of the sort that is written for `Deno.Conn`. */
async function serveHttp(conn: Deno.Conn): Promise<void> {
  let head = "";
  const buffer = new Uint8Array(16);
  while (!head.includes("\r\n\r\n")) {
    const count = await conn.read(buffer);
    if (count === null) return conn.close();
    head += new TextDecoder().decode(buffer.subarray(0, count));
  }
  const [, path = ""] = head.split(" ");
  const { transport, hostname } = conn.remoteAddr as Deno.NetAddr;
  const body = `${path} for ${hostname} over ${transport}`;
  let answer = encode(
    `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  while (answer.length > 0) answer = answer.subarray(await conn.write(answer));
  await conn.closeWrite();
  conn.close();
}

describe("Code that is written for Deno's connections", NOTHING_LEFT, () => {
  it("serves and asks by a TlsSocket", async () => {
    using listener = listenTls({ hostname: HOSTNAME, port: 0, cert, key });
    const serving = listener.accept().then((socket) => serveHttp(socket));
    const conn: Deno.TlsConn = await connect(listener);
    assertEquals((await conn.handshake()).alpnProtocol, null);
    assertEquals(conn.remoteAddr.port, listener.addr.port);
    assertEquals(conn.localAddr.hostname, HOSTNAME);
    await conn.write(encode("GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    const answer = new TextDecoder().decode(await readAll(conn));
    assertEquals(answer.split("\r\n\r\n")[1], `/page for ${HOSTNAME} over tcp`);
    conn.close();
    await serving;
    await (conn as TlsSocket).closed;
  });

  it("closes it at the end of its block", async () => {
    const { listener } = listen();
    let closed: Promise<void>;
    {
      using conn = await connect(listener);
      closed = conn.closed;
    }
    using server = await listener.accept();
    assertEquals(await readText(server), null);
    await server.close();
    await closed;
    listener.close();
  });

  it("has no address where the transport has none", async () => {
    await using sockets = await inMemory();
    const nowhere = { transport: "tcp", hostname: "", port: 0 } as const;
    assertEquals(sockets.client.remoteAddr, nowhere);
    assertEquals(sockets.client.localAddr, nowhere);
    sockets.client.ref();
    sockets.client.unref();
  });

  it("starts TLS on a connection after words in the clear", async () => {
    using context = contextOf();
    using tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
    const accepting = tcp.accept();
    const there = await Deno.connect({
      hostname: HOSTNAME,
      port: (tcp.addr as Deno.NetAddr).port,
    });
    const here = await accepting;
    await there.write(encode("STARTTLS"));
    assertEquals(await readText(here), "STARTTLS");
    const server = startTls(here, { role: "server", context });
    const client = startTls(there, {
      role: "client",
      context,
      hostname: "localhost",
    });
    await client.write(encode("secret"));
    assertEquals(await readText(server), "secret");
    assertEquals(
      server.info?.remoteAddress,
      client.info?.localAddress,
    );
    await closeAll({ client, server });
  });

  it("lets the runtime end when it is unref'd", async () => {
    using listener = listenTls({ hostname: HOSTNAME, port: 0, cert, key });
    const program = `
      import { connectTls } from "${new URL(
      "../../../mod.ts",
      import.meta.url,
    )}";
      const socket = await connectTls(${
      JSON.stringify({
        hostname: HOSTNAME,
        port: listener.addr.port,
        caCerts: [cert],
      })
    });
      socket.unref();
      socket.read(new Uint8Array(1));
      console.log("open");`;
    const deno = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-lock", "--allow-net", "-"],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const accepted = listener.accept();
    await new Blob([program]).stream().pipeTo(deno.stdin);
    const { code, stdout } = await deno.output();
    assertEquals([code, new TextDecoder().decode(stdout)], [0, "open\n"]);
    await (await accepted)[Symbol.asyncDispose]();
  });
});
