/**
 * A test of one's own TLS code in a sandbox: no network, no waiting, and a clock that
 * the test turns. `deno test examples/sandbox_test.ts`
 */
import { equal } from "node:assert/strict";
import { OpenSSL, TlsContext, TlsEngine, type TlsSession } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestCertificate } from "@sesame/tls/testing";

const HOUR_MS = 3_600_000;

/** The code under test: a server that shouts back. */
function shout(server: TlsEngine): void {
  const said = new TextDecoder().decode(server.read());
  if (said) server.write(new TextEncoder().encode(said.toUpperCase()));
}

Deno.test("the server shouts, and its sessions last two hours", () => {
  let time = Date.now();
  const openssl = new OpenSSL({ clock: () => time });
  const { cert, key } = createTestCertificate({ openssl });
  using context = new TlsContext({
    cert,
    key,
    caCerts: [cert],
    sessions: new MemorySessionStore({ now: () => time }),
    sessionTimeout: 2 * HOUR_MS / 1000,
    openssl,
  });

  const first = talk(context);
  equal(first.heard, "HELLO");
  equal(first.resumed, false);

  time += HOUR_MS;
  equal(talk(context, first.session).resumed, true);

  time += HOUR_MS;
  equal(talk(context, first.session).resumed, false);
});

function talk(
  context: TlsContext,
  session?: TlsSession,
): { heard: string; resumed: boolean; session: TlsSession } {
  using server = new TlsEngine(context, { role: "server" });
  using client = new TlsEngine(context, {
    role: "client",
    hostname: "localhost",
    ...(session && { session }),
  });
  client.write(new TextEncoder().encode("hello"));
  let heard = "";
  while (heard === "") {
    server.receive(client.send());
    shout(server);
    client.receive(server.send());
    heard = new TextDecoder().decode(client.read());
  }
  if (!client.session || !client.info) throw new Error("no session came");
  return { heard, resumed: client.info.resumed, session: client.session };
}
