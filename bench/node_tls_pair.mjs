// deno-lint-ignore-file explicit-function-return-type -- peer.d.mts has the types
// Connections of Node's `tls` in one process, joined by a pair of streams.
import { Buffer } from "node:buffer";
import { constants } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { duplexPair } from "node:stream";
import tls from "node:tls";
import { rate } from "./peer.mjs";

const RECORD = Buffer.alloc(16384);
const STORE_SIZE = 4096;
const SUITES = {
  "AES-128-GCM": "TLS_AES_128_GCM_SHA256",
  "AES-256-GCM": "TLS_AES_256_GCM_SHA384",
  "ChaCha20-Poly1305": "TLS_CHACHA20_POLY1305_SHA256",
};

export function nodeTls(certificates) {
  return {
    runtime:
      `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`,
    handshake: async (m) => close(await connect(m, contexts(m, certificates))),

    async handshakesPerSecond(m, seconds) {
      const made = contexts(m, certificates);
      let session;
      return await rate(seconds, async () => {
        const pair = await connect(m, made, m.resumed ? session : undefined);
        session = pair.session;
        await close(pair);
        return 1;
      });
    },

    async handshakesOverTcp(m, seconds) {
      const { handshakesOverTcp } = await import("./tcp_node.mjs");
      return await handshakesOverTcp(m, seconds, certificates);
    },

    async requestsOverHttps(m, seconds) {
      const { requestsOverHttps } = await import("./http_node.mjs");
      return await requestsOverHttps(m, seconds, certificates);
    },

    async holdOverTcp(m, count) {
      const { holdOverTcp } = await import("./tcp_node.mjs");
      return await holdOverTcp(m, count, certificates);
    },

    async bytesPerSecond(m, seconds) {
      const pair = await connect(m, contexts(m, certificates));
      const value = await rate(seconds, () => transfer(pair));
      await close(pair);
      return value;
    },

    async holdConnections(m, count) {
      const made = contexts(m, certificates);
      const pairs = [];
      for (let i = 0; i < count; i++) {
        const pair = await connect(m, made);
        await echo(pair);
        pairs.push(pair);
      }
      return () => pairs.forEach(close);
    },
  };
}

function contexts(m, certificates) {
  const key = readFileSync(join(certificates, `${m.key}.key.pem`));
  const cert = readFileSync(join(certificates, `${m.key}.cert.pem`));
  const options = {
    minVersion: m.version,
    maxVersion: m.version,
    // P-256 because in TLS 1.2 the groups limit the certificate's curve too.
    ecdhCurve: `${m.group}:P-256`,
    ciphers: SUITES[m.cipher] +
      ":ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
  };
  const server = tls.createServer({
    ...options,
    key,
    cert,
    secureOptions: m.version === "TLSv1.2" ? constants.SSL_OP_NO_TICKET : 0,
  });
  useExternalStore(server);
  const secureContext = tls.createSecureContext({ ...options, ca: cert });
  return { server, client: { secureContext, servername: "localhost" } };
}

function useExternalStore(server) {
  const store = new Map();
  server.on("newSession", (id, data, done) => {
    store.set(id.toString("hex"), data);
    for (const oldest of store.keys()) {
      if (store.size <= STORE_SIZE) break;
      store.delete(oldest);
    }
    done();
  });
  server.on("resumeSession", (id, done) => {
    done(null, store.get(id.toString("hex")) ?? null);
  });
}

// Ends when the client has its session: in TLS 1.3 that comes after the handshake, and
// not at all after a resumption, as Node renews no ticket.
async function connect(m, contexts, session) {
  const [clientEnd, serverEnd] = duplexPair({ allowHalfOpen: false });
  const accepted = once(contexts.server, "secureConnection");
  const client = tls.connect({
    ...contexts.client,
    ...(session && { session }),
    socket: clientEnd,
  });
  const ticket = m.version === "TLSv1.3" && !session && once(client, "session");
  contexts.server.emit("connection", serverEnd);
  const [[server]] = await Promise.all([
    accepted,
    once(client, "secureConnect"),
    ticket,
  ]);

  const expected = session !== undefined;
  if (
    client.isSessionReused() !== expected ||
    server.isSessionReused() !== expected
  ) throw new Error(`resumed is not ${expected}`);
  return { client, server, session: session ?? client.getSession() };
}

async function close({ client, server }) {
  const closed = Promise.all([once(client, "close"), once(server, "close")]);
  client.resume().end();
  server.resume().end();
  await closed;
}

async function echo({ client, server }) {
  for (const [from, to] of [[client, server], [server, client]]) {
    const arrived = once(to, "data");
    from.write("x");
    await arrived;
  }
}

// Sends 64 records, so that waiting for their end weighs little.
function transfer({ client, server }) {
  const total = 64 * RECORD.length;
  let received = 0;
  return new Promise((resolve) => {
    const count = (data) => {
      received += data.length;
      if (received < total) return;
      server.off("data", count);
      resolve(total);
    };
    server.on("data", count);
    for (let sent = 0; sent < total; sent += RECORD.length) {
      client.write(RECORD);
    }
  });
}
