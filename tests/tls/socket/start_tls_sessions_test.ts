import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls, startTls, TlsContext, type TlsSocket } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { certificate, contextOf } from "../../support/engines.ts";
import { HOSTNAME, serve } from "../../support/listeners.ts";
import { closeAll, newLine, NOTHING_LEFT } from "../../support/sockets.ts";

const trust = { caCerts: [certificate.cert] };

describe("startTls with a client's sessions", NOTHING_LEFT, () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`resumes ${maxVersion}`, async () => {
      using context = contextOf({ maxVersion });
      const sessions = new MemorySessionStore();
      const resumed: (boolean | undefined)[] = [];
      for (let i = 0; i < 3; i++) {
        const { here, there } = newLine();
        const server = startTls(there, { role: "server", context });
        const client = await startTls(here, {
          role: "client",
          context,
          hostname: "localhost",
          sessions,
        });
        await client.opened;
        await (maxVersion === "TLSv1.3" && client.sessions.getReader().read());
        resumed.push(client.info?.resumed);
        await closeAll({ client, server });
      }
      assertEquals(resumed, [false, true, true]);
      // The newest, which replaces the one before.
      assertEquals(sessions.size, 1);
    });
  }

  it("shares them with connectTls, by the port", async () => {
    using listener = serve();
    using context = new TlsContext(trust);
    const sessions = new MemorySessionStore();
    const options = { hostname: HOSTNAME, context, sessions };
    const { port } = listener.addr;
    const first = await connectTls({ ...options, port });
    await first.close();
    // The connection's own port, unless there is another.
    for (const more of [{ port }, {}]) {
      const conn = await Deno.connect({ hostname: HOSTNAME, port });
      const socket: TlsSocket = await startTls(conn, {
        ...options,
        role: "client",
        ...more,
      });
      assertEquals((await socket.opened).resumed, true);
      await socket[Symbol.asyncDispose]();
    }
  });

  it("doesn't lay on the store what the options lack", async () => {
    using context = contextOf();
    const failures: unknown[] = [];
    await assertRejects(
      () =>
        startTls(newLine().here, {
          role: "client",
          context,
          hostname: "localhost",
          sessions: new MemorySessionStore(),
          onStoreError: (error) => failures.push(error),
          handshakeTimeout: 0,
        }),
      RangeError,
      "options.handshakeTimeout",
    );
    assertEquals(failures, []);
  });

  it("refuses what makes no sense", async () => {
    using context = contextOf();
    const { here } = newLine();
    const sessions = new MemorySessionStore();
    const client = { role: "client", context, hostname: "localhost" } as const;
    await assertRejects(
      () => startTls(here, { ...client, role: "server" as "client", sessions }),
      TypeError,
      "options.sessions is for clients",
    );
    await assertRejects(
      () => startTls(here, { ...client, sessions, context: {} as TlsContext }),
      TypeError,
      "options.context must be a TlsContext",
    );
    await assertRejects(
      () => startTls(here, { ...client, sessions, port: 70_000 }),
      RangeError,
      "options.port",
    );
    await assertRejects(
      () => startTls(here, { ...client, sessions, lookupTimeout: 0 }),
      RangeError,
      "options.lookupTimeout",
    );
    assertThrows(
      () => startTls(here, { ...client, port: 443 } as typeof client),
      TypeError,
      "port",
    );
  });
});
