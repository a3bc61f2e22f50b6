import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls, type TlsSocket } from "@sesame/tls";
import { BackendError } from "../../../src/cli/serve/backend.ts";
import { forward } from "../../../src/cli/serve/forward.ts";
import { CliServer } from "../../support/cli.ts";
import { certificate } from "../../support/engines.ts";
import { CLOSED_PORT } from "../../support/listeners.ts";
import { until } from "../../support/redis.ts";
import { failureOf, hear, hearAll, say } from "../../support/sockets.ts";

const LARGE = 3_000_000;

describe("serve --echo", () => {
  it("echoes until both ends have sent close_notify", async () => {
    await using server = await CliServer.start(["--echo"]);
    await using socket = await connect(server);
    await say(socket, "hello");
    assertEquals(await hear(socket), "hello");
    await socket.writable.close();
    assertEquals(await hearAll(socket), new Uint8Array());
  });

  it("ends an idle connection with close_notify", async () => {
    await using server = await CliServer.start([
      ...["--echo", "--idle-timeout", "0.1"],
    ]);
    await using socket = await connect(server);
    assertEquals(await hearAll(socket), new Uint8Array());
  });
});

describe("serve --forward", () => {
  it("forwards bulk data both ways, with half-close", async () => {
    await using backend = serveBackend(async (conn) => {
      const buffer = new Uint8Array(65_536);
      let heard = 0;
      for (let n; (n = await conn.read(buffer)) !== null;) heard += n;
      return new TextEncoder().encode(String(heard).padEnd(LARGE, "."));
    });
    await using server = await CliServer.start(forwardTo(backend.port));
    await using socket = await connect(server);
    const answer = hearAll(socket);
    await say(socket, new Uint8Array(LARGE));
    await socket.writable.close();
    const text = new TextDecoder().decode(await answer);
    assertEquals(text.length, LARGE);
    assert(text.startsWith(`${LARGE}.`));
  });

  it("forwards a server that writes first and closes first", async () => {
    await using backend = serveBackend(() =>
      Promise.resolve(new TextEncoder().encode("welcome"))
    );
    await using server = await CliServer.start(forwardTo(backend.port));
    await using socket = await connect(server);
    assertEquals(new TextDecoder().decode(await hearAll(socket)), "welcome");
  });

  it("sends close_notify and reports why where the server can't be reached", async () => {
    await using server = await CliServer.start([
      ...forwardTo(CLOSED_PORT),
      ...["--metrics", "0"],
    ]);
    await using socket = await connect(server);
    assertEquals(await hearAll(socket), new Uint8Array());
    assertStringIncludes(
      await server.printed("Forward: Cannot reach"),
      `127.0.0.1:${CLOSED_PORT}`,
    );
    const figures = await (await fetch(await server.metricsUrl())).text();
    assertStringIncludes(figures, "\nsesame_forward_failures_total 1\n");
  });

  it("doesn't keep a client that says nothing once the server has ended", async () => {
    await using backend = serveBackend(() =>
      Promise.resolve(new TextEncoder().encode("bye"))
    );
    const { port } = backend;
    const said: string[] = [];
    let hasEnded = false;
    forward({
      input: new ReadableStream(),
      lastActive: performance.now(),
      write: (bytes) =>
        Promise.resolve(void said.push(new TextDecoder().decode(bytes))),
      end: () => Promise.resolve(void said.push("the end")),
      abort: () => Promise.resolve(void said.push("aborted")),
    }, {
      to: { hostname: "127.0.0.1", port },
      connectTimeout: 30_000,
      linger: 50,
    }).then(() => hasEnded = true);
    await until("it has ended", () => Promise.resolve(hasEnded));
    assertEquals(said, ["bye", "the end"]);
  });

  it("aborts the client's connection after a reset, also when nothing is being written", async () => {
    await using backend = serveBackend(async (conn) => {
      // The byte that it doesn't read has the system reset the connection.
      await conn.read(new Uint8Array(1));
      conn.close();
      return null;
    });
    const calls: string[] = [];
    const { promise: never, resolve: end } = Promise.withResolvers<void>();
    const error = await assertRejects(() =>
      forward({
        input: ReadableStream.from(
          (async function* (): AsyncGenerator<Uint8Array> {
            yield new Uint8Array(2);
            await never;
          })(),
        ),
        lastActive: performance.now(),
        write: () => Promise.resolve(),
        end: () => Promise.resolve(void calls.push("end")),
        abort: () => Promise.resolve(void calls.push("abort")),
      }, {
        to: { hostname: "127.0.0.1", port: backend.port },
        connectTimeout: 30_000,
        linger: 50,
      }), BackendError);
    assertStringIncludes(error.message, "has reset the connection");
    assertEquals(calls, ["abort"]);
    end();
  });

  it("resets the client's connection after the server's reset", async () => {
    await using backend = serveBackend(async (conn) => {
      await conn.write(new TextEncoder().encode("the first ha"));
      // What it hasn't read has the system reset the connection.
      await conn.read(new Uint8Array(1));
      conn.close();
      return null;
    });
    await using server = await CliServer.start(forwardTo(backend.port));
    await using socket = await connect(server);
    assertEquals(await hear(socket), "the first ha");
    say(socket, new Uint8Array(LARGE)).catch(() => {});
    const failure = await failureOf(hearAll(socket));
    assert(failure instanceof Error, String(failure));
  });
});

function connect({ port }: CliServer): Promise<TlsSocket> {
  const caCerts = [certificate.cert];
  return connectTls({ hostname: "localhost", port, caCerts });
}

function forwardTo(port: number): string[] {
  return ["--forward", `127.0.0.1:${port}`];
}

/** A plain server: each connection is answered by a function, and ended. */
function serveBackend(
  answer: (conn: Deno.TcpConn) => Promise<Uint8Array<ArrayBuffer> | null>,
): { port: number } & AsyncDisposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async (): Promise<void> => {
    for await (const conn of listener) {
      const said = await answer(conn);
      if (said === null) continue;
      for (let at = 0; at < said.length;) {
        at += await conn.write(said.subarray(at));
      }
      conn.close();
    }
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      await serving;
    },
  };
}
