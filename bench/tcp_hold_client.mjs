// deno-lint-ignore-file explicit-function-return-type -- a program, checked as it runs
// The client of the measurements of idle connections over TCP: Node's `tls`. It opens some,
// has each echo a byte, says so, and holds them until standard input ends.
//
//   node tcp_hold_client.mjs PORT COUNT CERTIFICATE OPTIONS_OF_TLS_CONNECT_AS_JSON
import process from "node:process";
import { Connection, connectOptionsOf } from "./tcp_connection.mjs";

const AT_A_TIME = 8;
const [port, count, certificate, options] = process.argv.slice(2);
const connectOptions = connectOptionsOf(port, certificate, options);
const held = [];
let begun = 0;

process.stdin.on("close", () => process.exit()).resume();
await Promise.all(Array.from({ length: AT_A_TIME }, open));
console.log("held");

async function open() {
  while (begun < Number(count)) {
    begun++;
    const connection = new Connection(connectOptions, {});
    held.push(connection);
    await connection.opened;
    connection.ask("x", { end: false });
    await connection.answered;
    if (connection.failure) throw new Error(connection.failure);
  }
}
