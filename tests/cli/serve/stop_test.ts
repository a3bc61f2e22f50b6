import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls, type TlsSocket } from "@sesame/tls";
import { CliServer } from "../../support/cli.ts";
import { certificate } from "../../support/engines.ts";
import { failureOf, hear, hearAll, say } from "../../support/sockets.ts";

const DEADLINE_MS = 10_000;

describe("serve, when it stops", () => {
  it("finishes a download, and accepts no more connections", async () => {
    const goOn = Promise.withResolvers<void>();
    using backend = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const sending = (async (): Promise<void> => {
      const conn = await backend.accept();
      await conn.write(new TextEncoder().encode("one "));
      await goOn.promise;
      await conn.write(new TextEncoder().encode("and two"));
      conn.close();
    })();
    await using server = await CliServer.start([
      ...["--forward", `127.0.0.1:${backend.addr.port}`],
      ...["--drain-timeout", "20", "--metrics", "0"],
    ]);
    const health = new URL("/healthz", await server.metricsUrl());
    await using socket = await connect(server);
    assertEquals(await hear(socket), "one ");
    server.signal("SIGTERM");
    await server.printed("SIGTERM");
    await refusal(server.port);
    const response = await fetch(health);
    assertEquals([response.status, await response.text()], [503, "draining\n"]);
    goOn.resolve();
    assertEquals(new TextDecoder().decode(await hearAll(socket)), "and two");
    await socket.close();
    await sending;
    const { code, stdout, stderr } = await server.ended();
    assertEquals(code, 0);
    assertEquals(stdout, `Listening on 127.0.0.1:${server.port}\n`);
    assertStringIncludes(stderr, "\n1 handshakes | 0 % resumed");
  });

  it("finishes the connections of workers", async () => {
    await using server = await CliServer.start([
      ...["--echo", "--workers", "2", "--drain-timeout", "1000"],
    ]);
    await using socket = await connect(server);
    await say(socket, "x");
    assertEquals(await hear(socket), "x");
    server.signal("SIGTERM");
    await refusal(server.port);
    await say(socket, "y");
    assertEquals(await hear(socket), "y");
    await socket.writable.close();
    assertEquals(await hearAll(socket), new Uint8Array());
    await socket.close();
    const { code, stderr } = await server.ended();
    assertEquals(code, 0);
    assertStringIncludes(stderr, "\n1 handshakes | 0 % resumed");
  });

  it("ends connections with close_notify after --drain-timeout", async () => {
    await using server = await CliServer.start([
      ...["--echo", "--drain-timeout", "0.1", "--quiet"],
    ]);
    await using socket = await connect(server);
    await say(socket, "x");
    assertEquals(await hear(socket), "x");
    server.signal("SIGINT");
    assertEquals(await hearAll(socket), new Uint8Array());
    await socket.close();
    const { code, stderr } = await server.ended();
    assertEquals(code, 0);
    assert(/^pid \d+\n$/.test(stderr), stderr);
  });

  it("ends at once with a second signal", async () => {
    await using server = await CliServer.start([
      ...["--echo", "--drain-timeout", "1000"],
    ]);
    await using socket = await connect(server);
    const heard = failureOf(hearAll(socket));
    server.signal("SIGTERM");
    await server.printed("SIGTERM");
    server.signal("SIGINT");
    assertEquals((await server.ended()).code, 0);
    assert(await heard instanceof Error);
  });
});

function connect({ port }: CliServer): Promise<TlsSocket> {
  const caCerts = [certificate.cert];
  return connectTls({ hostname: "localhost", port, caCerts });
}

/** Resolves when nobody listens on a port any more. */
async function refusal(port: number): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      // One that was in the queue when the listener ended fails in other ways.
      if (error instanceof Deno.errors.ConnectionRefused) return;
    }
  }
  throw new Error(`somebody still listens on ${port}`);
}
