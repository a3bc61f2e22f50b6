/**
 * A function for Vercel's edge, which has no sockets: client and server are both in it.
 *
 * @module
 */
import { TlsContext, TlsEngine, type TlsSession } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestCertificate } from "@sesame/tls/testing";

interface FetchEvent extends Event {
  respondWith(response: Response): void;
}

addEventListener("fetch", (event) => {
  (event as FetchEvent).respondWith(Response.json(meetTwice()));
});

function meetTwice(): (boolean | undefined)[] {
  const { cert, key } = createTestCertificate();
  const sessions = new MemorySessionStore();
  using one = new TlsContext({ cert, key, sessions });
  using another = new TlsContext({ cert, key, sessions });
  using trust = new TlsContext({ caCerts: [cert] });
  let session: TlsSession | null = null;
  return [one, another].map((context) => {
    using server = new TlsEngine(context, { role: "server" });
    using client = new TlsEngine(trust, {
      role: "client",
      hostname: "localhost",
      ...(session && { session }),
    });
    while (client.session === null) {
      server.receive(client.send());
      client.receive(server.send());
    }
    session = client.session;
    return client.info?.resumed;
  });
}
