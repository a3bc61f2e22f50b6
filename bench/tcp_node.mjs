// deno-lint-ignore-file explicit-function-return-type -- tcp_load.d.mts has the types
// A server of Node's `tls` over TCP, with a store that answers later.
import { constants } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers";
import tls from "node:tls";
import { holdConnections } from "./tcp_hold.mjs";
import { storeAnswers, underLoad } from "./tcp_load.mjs";

const STORE_SIZE = 4096;

export async function handshakesOverTcp(m, seconds, certificates) {
  const serve = (onHandshake) => listenAndClose(m, certificates, onHandshake);
  return await underLoad(m, seconds, certificates, serve);
}

export async function holdOverTcp(m, count, certificates) {
  const echo = () =>
    listen(m, certificates, (socket) => {
      socket.on("error", () => {}).pipe(socket);
    });
  return await holdConnections(m, count, certificates, echo);
}

async function listenAndClose(m, certificates, onHandshake) {
  return await listen(m, certificates, (socket) => {
    onHandshake(socket.isSessionReused());
    // At once would be before the tickets.
    setImmediate(() => socket.end());
    socket.on("error", () => {}).resume();
  });
}

async function listen(m, certificates, onSocket) {
  const server = tls.createServer({
    cert: readFileSync(join(certificates, `${m.key}.cert.pem`)),
    key: readFileSync(join(certificates, `${m.key}.key.pem`)),
    secureOptions: usesStore(m) ? constants.SSL_OP_NO_TICKET : 0,
  }, onSocket);
  if (usesStore(m)) useLateStore(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    close: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

// In TLS 1.3 a store is of no use: Node resumes by stateless tickets only.
function usesStore(m) {
  return m.version === "TLSv1.2" && m.tickets === undefined;
}

function useLateStore(server) {
  const store = new Map();
  server.on("newSession", async (id, data, done) => {
    await storeAnswers();
    store.set(id.toString("hex"), data);
    for (const oldest of store.keys()) {
      if (store.size <= STORE_SIZE) break;
      store.delete(oldest);
    }
    done();
  });
  server.on("resumeSession", async (id, done) => {
    await storeAnswers();
    done(null, store.get(id.toString("hex")) ?? null);
  });
}
