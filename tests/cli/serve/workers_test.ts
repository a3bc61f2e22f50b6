import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls, OpenSSL, TlsContext } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import type { ServeFlags } from "../../../src/cli/serve/flags.ts";
import {
  readSettings,
  type ServerSettings,
} from "../../../src/cli/serve/settings.ts";
import { WorkerPool } from "../../../src/cli/serve/worker_pool.ts";
import { CliServer, runCli } from "../../support/cli.ts";
import { certificate } from "../../support/engines.ts";
import { hearAll, say } from "../../support/sockets.ts";

/** Linux spreads connections by chance: so many miss a worker once in 2 ** 23. */
const VISITS = 24;

describe("serve --workers", () => {
  for (const store of ["memory", "sqlite"]) {
    it(`resumes at one worker what another stored: ${store}`, async () => {
      await using server = await CliServer.start((folder) => [
        ...["--workers", "2", "--lookup-timeout", "10000"],
        ...(store === "sqlite"
          ? ["--store", `sqlite:${folder.path("sessions.db")}`]
          : []),
      ]);
      const { workers, resumed } = await visitAll(server);
      assertEquals(workers, new Set(["1", "2"]));
      assertEquals(resumed, VISITS - 1);
    });
  }

  it("decrypts at one worker the tickets of another", async () => {
    await using server = await CliServer.start([
      ...["--workers", "2", "--tickets", "stateless"],
    ]);
    const { workers, resumed } = await visitAll(server);
    assertEquals(workers, new Set(["1", "2"]));
    assertEquals(resumed, VISITS - 1);
  });

  it("reports in one line that the port is taken", async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { code, stdout, stderr } = await runCli([
      ...["serve", "--workers", "2", "--port", String(taken.addr.port)],
    ]);
    assertEquals([code, stdout], [1, ""]);
    assert(/^error: .*in use.*$/m.test(stderr), stderr);
  });

  it("keeps --max-connections over all workers", async () => {
    const flags: ServeFlags = {
      host: "::1",
      port: 0,
      workers: 2,
      connectTimeout: 1,
      handshakeTimeout: 1,
      idleTimeout: 1,
      drainTimeout: 1,
      clientAuth: "none",
      caNames: true,
      dhparam: "auto",
      minVersion: "TLSv1.2",
      maxVersion: "TLSv1.3",
      store: "memory",
      tickets: "stateful",
      sessionTimeout: 1,
      maxSessionAge: 1,
      maxEarlyData: 0,
      commit: "background",
      lookupTimeout: 1,
      writeTimeout: 1,
    };
    for (
      const [given, each] of [[5, 2], [2, 1], [undefined, Infinity]] as const
    ) {
      const { settings } = await readSettings({
        ...flags,
        ...(given && { maxConnections: given }),
      });
      assertEquals(settings.maxConnections, each);
    }
  });

  it("drains all workers", async () => {
    await using server = await CliServer.start(["--workers", "2"]);
    server.signal("SIGTERM");
    const { code, stderr } = await server.ended();
    assertEquals(code, 0, stderr);
    assert(stderr.includes("\n0 handshakes"), stderr);
  });
});

describe("WorkerPool", () => {
  it("replaces a worker that dies, and keeps what it counted", async () => {
    const ended = Promise.withResolvers<string>();
    const pool = await WorkerPool.start({
      ...PARTS,
      events: { ...EVENTS, onWorkerEnd: ended.resolve },
      module: scriptOf(`
        channel.onmessage = ({ data: { type } }) => {
          const figures = { ...noFigures, handshakes: 1, open: 1 };
          if (type === "figures") channel.postMessage({ type, figures });
          if (type === "drain") channel.postMessage({ type: "drained" });
          // Only the first one looks for a port.
          if (start.port === 0 && start.worker === 1) {
            setTimeout(() => { throw new Error("tired") });
          }
        };
        channel.postMessage({ type: "listening", hostname: "::1", port: 5 });
      `),
    });
    assertEquals(pool.serving, 2);
    await pool.figures();
    const message = await ended.promise;
    // Its heir has yet to start.
    assertEquals(pool.serving, 1);
    assert(
      /^Worker 1 has ended \(.*tired\) and is restarted/.test(message),
      message,
    );
    const deadline = Date.now() + 10_000;
    let handshakes = 0;
    while (handshakes < 3 && Date.now() < deadline) {
      const figures = await pool.figures();
      handshakes = figures.handshakes;
      assert(figures.open <= 2);
    }
    assertEquals(handshakes, 3, "the dead one's, its heir's and the other's");
    assertEquals([pool.restarts, pool.addr.port], [1, 5]);
    assertEquals(pool.serving, 2);
    await pool.drain(1_000);
  });

  it("doesn't start with a worker that can't", async () => {
    await assertRejects(
      () =>
        WorkerPool.start({
          ...PARTS,
          module: scriptOf(`
            channel.postMessage({ type: "failed", failure: { message: "no room" } });
          `),
        }),
      Error,
      "no room",
    );
  });
});

const EVENTS = {
  onLine(): void {},
  onWarning(): void {},
  onDead(): void {},
  onWorkerEnd(): void {},
};

const PARTS = {
  // What its workers don't read needn't be there.
  settings: { port: 0, workers: 2 } as ServerSettings,
  store: null,
  storeName: "none",
  events: EVENTS,
};

/** A module for workers that have been started. */
function scriptOf(body: string): URL {
  const code = `
    const noFigures = {
      handshakes: 0, resumed: {}, full: {}, failed: {}, lookups: 0, writes: 0,
      deletions: 0, storeErrors: {}, forwardFailures: 0, durations: [], durationSum: 0, open: 0,
      memoryTotal: 0, memoryUsed: 0,
    };
    addEventListener("message", ({ data: start }) => {
      const { channel } = start;
      ${body}
    });`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

/** Meets a server many times, and resumes if it can: which workers answered. */
async function visitAll(
  server: CliServer,
): Promise<{ workers: Set<string>; resumed: number }> {
  using context = new TlsContext({
    caCerts: [certificate.cert],
    openssl: new OpenSSL(),
  });
  const sessions = new MemorySessionStore();
  const { port } = server;
  const workers = new Set<string>();
  let resumed = 0;
  for (let i = 0; i < VISITS; i++) {
    await using socket = await connectTls({
      hostname: "localhost",
      port,
      context,
      sessions,
    });
    await say(socket, "GET /\n");
    const page = new TextDecoder().decode(await hearAll(socket));
    workers.add(/^Worker: +(\d)/m.exec(page)?.[1] ?? page);
    if (socket.info?.resumed) resumed++;
  }
  return { workers, resumed };
}
