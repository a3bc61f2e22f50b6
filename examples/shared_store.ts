/**
 * Two servers, one store: a client that met the first resumes at the second.
 * `deno run examples/shared_store.ts`
 */
import { OpenSSL, TlsContext, TlsEngine, type TlsSession } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestCertificate } from "@sesame/tls/testing";

const { cert, key } = createTestCertificate({ hosts: ["example.test"] });
const sessions = new MemorySessionStore();

using one = new TlsContext({ cert, key, sessions, openssl: new OpenSSL() });
using another = new TlsContext({ cert, key, sessions, openssl: new OpenSSL() });
using client = new TlsContext({ caCerts: [cert] });

const session = greet(one);
greet(another, session);

/** A request and an answer; the session that the client was given. */
function greet(context: TlsContext, session?: TlsSession): TlsSession {
  using server = new TlsEngine(context, { role: "server" });
  using here = new TlsEngine(client, {
    role: "client",
    hostname: "example.test",
    ...(session && { session }),
  });
  here.write(new TextEncoder().encode("hello"));
  while (here.session === null) {
    server.receive(here.send());
    here.receive(server.send());
  }
  const said = new TextDecoder().decode(server.read());
  console.log(
    `"${said}" over ${here.info?.protocol}, ${
      here.info?.resumed ? "resumed" : "full handshake"
    }`,
  );
  return here.session;
}
