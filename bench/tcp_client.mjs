// deno-lint-ignore-file explicit-function-return-type -- a program, checked as it runs
// The client of the measurements over TCP, the same for all servers: Node's `tls`. Some
// workers connect over and over, each with the newest session that it was given, until
// standard input ends.
//
//   node tcp_client.mjs PORT WORKERS CERTIFICATE OPTIONS_OF_TLS_CONNECT_AS_JSON
import process from "node:process";
import { Connection, connectOptionsOf } from "./tcp_connection.mjs";

const [port, workers, certificate, options] = process.argv.slice(2);
// Deno answers to the name of node where there is none.
if ("Deno" in globalThis) fail("The client over TCP needs Node in PATH");
const connectOptions = connectOptionsOf(port, certificate, options);

process.stdin.on("close", () => process.exit()).resume();
for (let i = 0; i < Number(workers); i++) work();

async function work() {
  let session;
  for (;;) session = await connect(session);
}

// Resolves with the newest session when the server has closed the connection.
async function connect(session) {
  const connection = new Connection(connectOptions, { session });
  await connection.closed;
  if (connection.failure) fail(connection.failure);
  if (connection.isResumed !== (session !== undefined)) {
    fail("The server doesn't resume");
  }
  return connection.session;
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
