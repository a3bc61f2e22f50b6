import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls } from "@sesame/tls";
import { LimitedListener } from "../../../src/cli/serve/limited_listener.ts";
import type { TcpConnection } from "../../../src/tls/socket/tcp_connection.ts";
import { CliServer } from "../../support/cli.ts";
import { certificate } from "../../support/engines.ts";
import {
  failureOf,
  hear,
  hearAll,
  say,
  settle,
} from "../../support/sockets.ts";

/** A record with a client hello that has no content. */
const EMPTY_HELLO = [0x16, 3, 1, 0, 4, 1, 0, 0, 0];
const FATAL = 2;
const DECODE_ERROR = 50;

describe("LimitedListener", () => {
  it("accepts a connection only below its limit, and none once stopped", async () => {
    let asked = 0;
    const gate = new LimitedListener({
      addr: { hostname: "::1", port: 1 },
      accept: () => Promise.resolve(connectionFrom(++asked)),
      close: () => {},
    }, 2);
    await gate.accept();
    const two = await gate.accept();
    assertEquals(two.remoteAddr.port, 2);
    gate.establish("192.0.2.1:1");
    // One that is still at its handshake has no place.
    assertEquals((await gate.accept()).remoteAddr.port, 3);
    gate.establish("192.0.2.1:2");
    const waiting = gate.accept();
    await settle();
    assertEquals(asked, 3);
    gate.release("192.0.2.1:3", false);
    await settle();
    assertEquals(asked, 3);
    gate.release("192.0.2.1:1", true);
    assertEquals((await waiting).remoteAddr.port, 4);

    gate.stop();
    gate.release("192.0.2.1:2", true);
    const last = failureOf(gate.accept());
    await settle();
    assertEquals(asked, 4);
    const empty = gate.empty();
    gate.release("192.0.2.1:4", false);
    await empty;
    gate.close();
    assert(await last instanceof Error);
  });

  it("counts both connections of a port that is used again", async () => {
    let asked = 0;
    const gate = new LimitedListener({
      addr: { hostname: "::1", port: 1 },
      accept: () => Promise.resolve(connectionFrom(asked++ < 2 ? 1 : 2)),
      close: () => {},
    }, 2);
    for (let i = 0; i < 2; i++) {
      await gate.accept();
      gate.establish("192.0.2.1:1");
    }
    const third = gate.accept();
    await settle();
    assertEquals(asked, 2);
    gate.release("192.0.2.1:1", true);
    await third;
    // An accept that failed, and an end that is told twice.
    gate.release(null, false);
    gate.release("192.0.2.1:1", true);
    gate.release("192.0.2.1:1", true);
    gate.release("192.0.2.1:2", false);
    await gate.empty();
    gate.close();
  });
});

describe("serve and bad clients", () => {
  it("sends an alert and closes a connection that the client keeps open", async () => {
    await using server = await CliServer.start(["--log", "--metrics", "0"]);
    using conn = await Deno.connect({
      hostname: "127.0.0.1",
      port: server.port,
    });
    await conn.write(new Uint8Array(EMPTY_HELLO));
    const heard: number[] = [];
    const buffer = new Uint8Array(100);
    for (let n; (n = await conn.read(buffer)) !== null;) {
      heard.push(...buffer.subarray(0, n));
    }
    const [type, , , ...rest] = heard;
    assertEquals([type, ...rest], [0x15, 0, 2, FATAL, DECODE_ERROR]);
    const line = await server.printed("Cannot complete the handshake");
    assertStringIncludes(line, "(alert decode error)");
    const response = await fetch(await server.metricsUrl());
    assertStringIncludes(
      await response.text(),
      '{code="handshake",alert="decode error"} 1\n',
    );
  });

  it("accepts another connection when one of the maximum has ended", async () => {
    await using server = await CliServer.start([
      ...["--echo", "--max-connections", "1"],
    ]);
    const first = await connect(server);
    const second = connect(server);
    let isIn = false;
    second.then(() => isIn = true, () => {});
    // So long that another handshake would have been done.
    for (let i = 0; i < 50; i++) {
      await say(first, ".");
      assertEquals(await hear(first), ".");
    }
    assertFalse(isIn);
    await say(first, "x");
    await first.writable.close();
    assertEquals(new TextDecoder().decode(await hearAll(first)), "x");
    await first.close();
    await using socket = await second;
    await say(socket, "y");
    await socket.writable.close();
    assertEquals(new TextDecoder().decode(await hearAll(socket)), "y");
  });

  it("serves new clients while silent ones hold all places", async () => {
    await using server = await CliServer.start([
      ...["--echo", "--max-connections", "5"],
    ]);
    // deno-lint-ignore no-undef -- the linter has yet to hear of it
    using connections = new DisposableStack();
    const { port } = server;
    for (let i = 0; i < 200; i++) {
      connections.use(await Deno.connect({ hostname: "127.0.0.1", port }));
    }
    // Less than a handshake may take: none of the others has run out of time.
    await using socket = await connectTls({
      hostname: "localhost",
      port,
      caCerts: [certificate.cert],
      handshakeTimeout: 5_000,
    });
    await say(socket, "x");
    assertEquals(await hear(socket), "x");
  });

  it("reports that the system has no file descriptors left", async () => {
    await using server = await CliServer.start(["--echo"], { openFiles: 100 });
    // deno-lint-ignore no-undef -- the linter has yet to hear of it
    using connections = new DisposableStack();
    for (let i = 0; i < 100; i++) {
      const { port } = server;
      connections.use(await Deno.connect({ hostname: "127.0.0.1", port }));
    }
    assertStringIncludes(await server.printed("Accept: "), "Too many open");
  });

  it("ends handshakes that take too long", async () => {
    await using server = await CliServer.start([
      ...["--handshake-timeout", "0.1", "--log"],
    ]);
    using conn = await Deno.connect({
      hostname: "127.0.0.1",
      port: server.port,
    });
    assertEquals(await conn.read(new Uint8Array(1)), null);
    assertStringIncludes(
      await server.printed("Cannot complete the handshake"),
      "it took longer than 100 ms",
    );
  });
});

function connect({ port }: CliServer): ReturnType<typeof connectTls> {
  return connectTls({
    hostname: "localhost",
    port,
    caCerts: [certificate.cert],
    handshakeTimeout: 30_000,
  });
}

function connectionFrom(port: number): TcpConnection {
  return {
    localAddr: { hostname: "::1", port: 1 },
    remoteAddr: { hostname: "192.0.2.1", port },
  } as TcpConnection;
}
