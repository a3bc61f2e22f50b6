/**
 * Prints what two engines of a sandbox say to each other, in hex, over handshakes in both
 * versions, with time passing between: `testing_handshakes.ts SEED`.
 *
 * @module
 */
import { createTlsSandbox } from "../../src/testing/sandbox.ts";
import { TlsContext } from "../../src/tls/context/context.ts";
import { TlsEngine } from "../../src/tls/engine/engine.ts";
import type { TlsSession } from "../../src/tls/sessions/session.ts";

const DAY_MS = 86_400_000;

const [seed = ""] = Deno.args;
using sandbox = createTlsSandbox({ seed });
const { pki, clock } = sandbox;
using server = new TlsContext({
  openssl: sandbox.server,
  ...pki.server,
  caCerts: [pki.ca.cert],
  clientAuth: "require",
  sessionIdContext: "test",
});
for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
  using client = new TlsContext({
    openssl: sandbox.client,
    ...pki.client,
    caCerts: [pki.ca.cert],
    maxVersion,
  });
  const session = talk(client);
  clock.advance(1234.5);
  if (session) talk(client, session);
  // OpenSSL's generators are seeded anew after an hour.
  clock.advance(DAY_MS);
  talk(client);
}

function talk(context: TlsContext, session?: TlsSession): TlsSession | null {
  using shop = new TlsEngine(server, { role: "server" });
  using guest = new TlsEngine(context, {
    role: "client",
    hostname: "localhost",
    ...(session && { session }),
  });
  guest.write(new TextEncoder().encode("hello"));
  for (let turn = 0; turn < 5; turn++) {
    const [asked, answered] = [guest.send(), shop.send()];
    console.log(`> ${asked.toHex()}\n< ${answered.toHex()}`);
    shop.receive(asked);
    guest.receive(answered);
  }
  console.log(`${guest.info?.protocol} resumed: ${guest.info?.resumed}`);
  return guest.session;
}
