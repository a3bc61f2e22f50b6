// deno-lint-ignore-file explicit-function-return-type -- a program, checked as it runs
// The client of the measurement of requests, the same for all servers: Node's `https`. Each
// connection is kept, and asks for one thing after the other until standard input ends.
//
//   node http_client.mjs PORT CONNECTIONS CERTIFICATE
import { readFileSync } from "node:fs";
import { Agent, get } from "node:https";
import process from "node:process";

const [port, connections, certificate] = process.argv.slice(2);
// Deno answers to the name of node where there is none.
if ("Deno" in globalThis) fail("The client over TCP needs Node in PATH");
const agent = new Agent({
  keepAlive: true,
  maxSockets: Number(connections),
  ca: readFileSync(certificate),
  servername: "localhost",
});

process.stdin.on("close", () => process.exit()).resume();
for (let i = 0; i < Number(connections); i++) ask();

function ask() {
  get({ host: "127.0.0.1", port, agent }, (response) => {
    if (response.statusCode !== 200) fail(`Status ${response.statusCode}`);
    response.resume().on("end", ask);
  }).on("error", (error) => fail(error.message));
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
