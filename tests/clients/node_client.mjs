// deno-lint-ignore-file explicit-function-return-type -- a script, checked as it runs
// Node's tls as a client: connects twice, the second time with the session of the first.
//
//   node node_client.mjs PORT VERSION CERTIFICATE
import { readFileSync } from "node:fs";
import process from "node:process";
import tls from "node:tls";

const [port, version, certificate] = process.argv.slice(2);

const first = await visit();
const second = await visit(first.session);
const said = [first, second].map(({ reused, protocol, text }) => ({
  reused,
  protocol,
  text,
}));
console.log(JSON.stringify(said));

function visit(session) {
  return new Promise((resolve, reject) => {
    const said = { text: "" };
    const socket = tls.connect({
      host: "127.0.0.1",
      port: Number(port),
      servername: "localhost",
      minVersion: version,
      maxVersion: version,
      ca: readFileSync(certificate),
      ...(session && { session }),
    }, () => {
      said.reused = socket.isSessionReused();
      said.protocol = socket.getProtocol();
      socket.write("GET / HTTP/1.0\r\n\r\n");
    });
    socket.setEncoding("utf8");
    socket.on("session", (session) => said.session = session);
    socket.on("data", (data) => said.text += data);
    socket.on("error", reject);
    socket.on("close", () => resolve(said));
  });
}
