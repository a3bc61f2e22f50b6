// deno-lint-ignore-file explicit-function-return-type -- a script, and a function of one argument
// From an import to the end of a first handshake, in any runtime:
//   start_handshake.mjs node|URL_OF_MOD FOLDER_OF_CERTIFICATES
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const [implementation, folder] = process.argv.slice(2);
const [cert, key] = ["cert", "key"].map((part) =>
  readFileSync(join(folder, `P-256.${part}.pem`), "utf8")
);
const before = process.cpuUsage();
const start = performance.now();
if (implementation === "node") {
  await handshakeOfNode(await import("node:tls"));
} else {
  const { handshake } = await import("./start_sesame.mjs");
  handshake(await import(implementation), { cert, key });
}
const ms = performance.now() - start;
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1000 }));
process.exit();

async function handshakeOfNode(tls) {
  const { duplexPair } = await import("node:stream");
  const [one, other] = duplexPair();
  const server = new tls.TLSSocket(one, {
    isServer: true,
    secureContext: tls.createSecureContext({ cert, key }),
  });
  const client = tls.connect({
    socket: other,
    ca: cert,
    servername: "localhost",
  });
  const done = (socket, event) =>
    new Promise((resolve, reject) => {
      socket.once(event, resolve);
      socket.once("error", reject);
    });
  await Promise.all([done(server, "secure"), done(client, "secureConnect")]);
}
