/**
 * A TLS server that says back what it hears, with its sessions in a SQLite file: run two
 * on different ports, and a client that met one resumes at the other.
 * `deno run -A examples/echo_server.ts 8443 sessions.db`
 *
 * A client that stays long enough to be given a session, and keeps it:
 * `(sleep 1; echo hi; sleep 1) | openssl s_client -connect localhost:8443 -sess_out s.pem`;
 * with `-sess_in s.pem` in place of that it resumes.
 */
import { listenTls, type TlsSocket } from "@sesame/tls";
import { SqliteSessionStore } from "@sesame/tls/stores/sqlite";
import { createTestCertificate } from "@sesame/tls/testing";

const [port = "8443", path = ":memory:"] = Deno.args;

const listener = listenTls({
  hostname: "localhost",
  port: Number(port),
  ...createTestCertificate(),
  sessions: new SqliteSessionStore(path),
  onConnectionError: (error, from) => console.log(`${from}: ${error}`),
});
console.log(`Listening on port ${listener.addr.port}`);
for await (const socket of listener) serve(socket);

async function serve(socket: TlsSocket): Promise<void> {
  const { remoteAddress, protocol, resumption } = await socket.opened;
  const how = resumption.resumed
    ? `resumed from the ${resumption.from}`
    : `full handshake: ${resumption.reason}`;
  console.log(`${remoteAddress}: ${protocol}, ${how}`);
  try {
    await socket.readable.pipeTo(socket.writable);
  } catch (error) {
    console.log(`${remoteAddress}: ${error}`);
  }
}
