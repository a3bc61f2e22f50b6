/** What becomes of connections whose OpenSSL has crashed: they end, and so does nothing else. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  listenTls,
  OpenSSL,
  type SessionStore,
  type TlsContextOptions,
  TlsError,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { Deferred } from "../../src/internal/deferred.ts";
import { crash } from "../support/crash.ts";
import {
  certificate,
  contextOf,
  endsOf,
  exchange,
} from "../support/engines.ts";
import { HOSTNAME } from "../support/listeners.ts";

describe("An instance that crashes", () => {
  it("fails its connections, and gives their transports back", async () => {
    const openssl = new OpenSSL();
    const failures: unknown[] = [];
    const listener = listenTls({
      hostname: HOSTNAME,
      port: 0,
      ...certificate,
      openssl,
      onConnectionError: (error) => failures.push(error),
    });
    const { port } = listener.addr;
    const taken = listener.accept();
    const visitor = { hostname: HOSTNAME, port, caCerts: [certificate.cert] };
    const client = await connectTls(visitor);
    const server = await taken;
    await server.opened;
    // One in the middle of its handshake, too.
    const silent = await Deno.connect({ hostname: HOSTNAME, port });
    while (listener.stats.handshaking === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    crash(openssl);
    await client.writable.getWriter().write(Uint8Array.of(1));
    await assertRejects(() => server.closed, TlsError, "crashed");
    await assertRejects(() => client.closed, TlsError);
    await assertRejects(() => connectTls(visitor), TlsError);
    await silent.write(Uint8Array.of(1));
    assertEquals(await silent.read(new Uint8Array(1)), null);
    silent.close();
    listener.close();
    assertEquals(failures.length, 2);
    for (const error of failures) {
      assert(error instanceof TlsError && error.code === "instance-dead");
    }
  });

  const WAITING: Record<string, (wait: Promise<boolean>) => TlsContextOptions> =
    {
      contextFor: (wait) => ({
        contextFor: () => wait.then(() => undefined),
      }),
      "a look-up": (wait) => ({ sessions: storeThat(wait) }),
      "a look-up, then revalidate": (wait) => ({
        sessions: storeThat(wait),
        revalidate: () => true,
      }),
      "revalidate of a stored session": (wait) => ({
        sessions: new MemorySessionStore(),
        revalidate: () => wait,
      }),
      "revalidate of a ticket": (wait) => ({
        tickets: "stateless",
        revalidate: () => wait,
      }),
    };
  for (const [what, optionsFor] of Object.entries(WAITING)) {
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      it(`fails one that waits for ${what} (${maxVersion})`, async () => {
        const openssl = new OpenSSL();
        const gate = new Deferred<boolean>();
        const visits = { count: 0 };
        const wait = {
          then: (...how: Parameters<Promise<boolean>["then"]>) =>
            (visits.count > 0 ? gate.promise : Promise.resolve(true)).then(
              ...how,
            ),
        } as Promise<boolean>;
        using own = contextOf({
          openssl,
          maxVersion,
          clientAuth: "require",
          onStoreError: () => {},
          ...optionsFor(wait),
        });
        using client = contextOf({ openssl: new OpenSSL() });
        const first = endsOf(own, client);
        for (let i = 0; i < 4; i++) {
          exchange(first);
          await first.server.pending;
        }
        const { session } = first.client;
        assert(session);
        visits.count++;
        const { server, client: visitor } = endsOf(own, client, { session });
        server.receive(visitor.send());
        assert(server.pending);
        crash(openssl);
        gate.resolve(true);
        await server.pending;
        assertEquals([server.pending, server.state], [null, "failed"]);
        assertEquals(server.error?.code, "instance-dead");
        server[Symbol.dispose]();
      });
    }
  }
});

/** A store whose look-ups take as long as `wait`. */
function storeThat(wait: Promise<boolean>): SessionStore {
  const store = new MemorySessionStore();
  return {
    get: (id) => wait.then(() => store.get(id)),
    set: (id, record, options) => store.set(id, record, options),
    delete: (id, reason) => store.delete(id, reason),
  };
}
