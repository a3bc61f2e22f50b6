// deno-lint-ignore-file explicit-function-return-type -- a script, checked as it runs
// A server of Node's tls: tells each client whether it resumed. With "ids", TLS 1.2
// sessions are in a store that answers later.
//
//   node node_server.mjs VERSION tickets|ids CERTIFICATE KEY
import { constants } from "node:crypto";
import { readFileSync } from "node:fs";
import process from "node:process";
import tls from "node:tls";

const [version, how, certificate, key] = process.argv.slice(2);
const asked = [];

const server = tls.createServer({
  cert: readFileSync(certificate),
  key: readFileSync(key),
  minVersion: version,
  maxVersion: version,
  secureOptions: how === "ids" ? constants.SSL_OP_NO_TICKET : 0,
}, answer);
if (how === "ids") useStore();
server.listen(0, "127.0.0.1", () => {
  console.log(`port ${server.address().port}`);
});

function answer(socket) {
  socket.on("error", (error) => console.error(error));
  socket.once("data", () => {
    socket.end(JSON.stringify({
      reused: socket.isSessionReused(),
      protocol: socket.getProtocol(),
      asked,
    }));
  });
}

function useStore() {
  const store = new Map();
  server.on("newSession", (id, data, done) => {
    asked.push("newSession");
    store.set(id.toString("hex"), data);
    setTimeout(done, 5);
  });
  server.on("resumeSession", (id, done) => {
    asked.push("resumeSession");
    setTimeout(() => done(null, store.get(id.toString("hex")) ?? null), 5);
  });
}
