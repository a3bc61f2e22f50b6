// deno-lint-ignore-file explicit-function-return-type -- a program, checked as it runs
// The client of the measurements over TCP, the same for all servers: Node's `tls`. Some
// workers connect over and over, each with the newest session that it was given, until
// standard input ends.
//
//   node tcp_client.mjs PORT WORKERS CERTIFICATE OPTIONS_OF_TLS_CONNECT_AS_JSON
import { readFileSync } from "node:fs";
import process from "node:process";
import tls from "node:tls";

const [port, workers, certificate, options] = process.argv.slice(2);
// Deno answers to the name of node where there is none.
if ("Deno" in globalThis) fail("The client over TCP needs Node in PATH");
const secureContext = tls.createSecureContext({
  ...JSON.parse(options),
  ca: readFileSync(certificate),
});

process.stdin.on("close", () => process.exit()).resume();
for (let i = 0; i < Number(workers); i++) work();

async function work() {
  let session;
  for (;;) session = await connect(session);
}

// Resolves with the newest session when the server has closed the connection.
function connect(session) {
  return new Promise((resolve) => {
    let newest = session;
    const socket = tls.connect({
      host: "127.0.0.1",
      port: Number(port),
      servername: "localhost",
      secureContext,
      ...(session && { session }),
    }, () => {
      if (socket.isSessionReused() === (session !== undefined)) return;
      fail("The server doesn't resume");
    });
    socket.on("session", (session) => newest = session);
    socket.on("error", fail);
    socket.on("close", () => resolve(newest));
    socket.resume();
  });
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
