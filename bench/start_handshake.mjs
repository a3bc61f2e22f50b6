// deno-lint-ignore-file explicit-function-return-type -- a script, and a function of one argument
// From an import to the end of a first handshake, in any runtime:
//   start_handshake.mjs FOLDER_OF_CERTIFICATES node
//   start_handshake.mjs FOLDER_OF_CERTIFICATES URL_OF_MOD URL_OF_WHAT_LOADS_THE_MODULE
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const [folder, implementation, module] = process.argv.slice(2);
const [cert, key] = ["cert", "key"].map((part) =>
  readFileSync(join(folder, `P-256.${part}.pem`), "utf8")
);
const phases = {};
const start = now();
let last = start;
if (implementation === "node") {
  await handshakeOfNode(await import("node:tls"));
} else {
  await import(module);
  end("module");
  const { contexts, handshake } = await import("./start_sesame.mjs");
  const sesame = await import(implementation);
  end("JavaScript");
  const made = contexts(sesame, { cert, key });
  end("contexts");
  handshake(sesame, made);
  end("handshake");
}
console.log(JSON.stringify({ whole: since(start), phases }));
process.exit();

function now() {
  const { user, system } = process.cpuUsage();
  return { ms: performance.now(), cpuMs: (user + system) / 1000 };
}

function since({ ms, cpuMs }) {
  const then = now();
  return { ms: then.ms - ms, cpuMs: then.cpuMs - cpuMs };
}

function end(phase) {
  phases[phase] = since(last);
  last = now();
}

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
