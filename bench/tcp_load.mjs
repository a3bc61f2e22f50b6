// @ts-self-types="./tcp_load.d.mts"
// deno-lint-ignore-file explicit-function-return-type -- tcp_load.d.mts has the types
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { rate } from "./peer.mjs";

const CLIENT = fileURLToPath(new URL("tcp_client.mjs", import.meta.url));
const WORKERS = 16;
const WARM_UP_HANDSHAKES = 30_000;
const MAX_WARM_UP_SECONDS = 60;
const STORE_MS = 1;
const TICK_MS = 20;

export async function underLoad(m, seconds, certificates, serve) {
  let full = 0;
  let resumed = 0;
  const server = await serve((isResumed) => {
    if (isResumed) resumed++;
    else full++;
  });
  const client = spawn("node", clientArguments(m, certificates, server.port), {
    stdio: ["pipe", "inherit", "inherit"],
  });
  const ended = once(client, "close");
  try {
    return await Promise.race([
      ended.then(() => Promise.reject(new Error("the client has ended"))),
      measure(m, seconds, async () => {
        const before = resumed;
        await setTimeout(TICK_MS);
        if (full > WORKERS) throw new Error(`${full} handshakes were full`);
        return resumed - before;
      }),
    ]);
  } finally {
    client.stdin.end();
    await ended.catch(() => {});
    await server.close();
  }
}

// A server runs for days: it is measured when its engine has compiled, for what runs often, what it
// will ever compile; and cold, soon after its start.
async function measure(m, seconds, step) {
  if (m.metric === "handshakes/s over TCP, cold") return rate(seconds, step);
  const end = performance.now() + MAX_WARM_UP_SECONDS * 1000;
  for (let count = 0; count < WARM_UP_HANDSHAKES;) {
    if (performance.now() > end) break;
    count += await step();
  }
  return rate(seconds, step, 0);
}

function clientArguments(m, certificates, port) {
  // The client offers nothing else, so every server does the same.
  const options = {
    minVersion: m.version,
    maxVersion: m.version,
    // P-256 because in TLS 1.2 the groups limit the certificate's curve too.
    ecdhCurve: `${m.group}:P-256`,
    ciphers: "TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256",
  };
  return [
    CLIENT,
    String(port),
    String(WORKERS),
    join(certificates, `${m.key}.cert.pem`),
    JSON.stringify(options),
  ];
}

let reply;

// What is asked within a millisecond is answered together, as by a database that is busy: a timer
// for each would measure the runtimes' timers.
export function storeAnswers() {
  return reply ??= setTimeout(STORE_MS).then(() => reply = undefined);
}
