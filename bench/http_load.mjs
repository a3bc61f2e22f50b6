// @ts-self-types="./http_load.d.mts"
// deno-lint-ignore-file explicit-function-return-type -- http_load.d.mts has the types
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { rate } from "./peer.mjs";

export const ANSWER = "x".repeat(100);
const CLIENT = fileURLToPath(new URL("http_client.mjs", import.meta.url));
const CONNECTIONS = 16;
const TICK_MS = 20;

export async function underRequests(m, seconds, certificates, serve) {
  let requests = 0;
  const cert = join(certificates, `${m.key}.cert.pem`);
  const server = await serve({
    cert: readFileSync(cert, "utf8"),
    key: readFileSync(join(certificates, `${m.key}.key.pem`), "utf8"),
  }, () => void requests++);
  const args = [CLIENT, String(server.port), String(CONNECTIONS), cert];
  const client = spawn("node", args, { stdio: ["pipe", "inherit", "inherit"] });
  const ended = once(client, "close");
  try {
    return await Promise.race([
      ended.then(() => Promise.reject(new Error("the client has ended"))),
      rate(seconds, async () => {
        const before = requests;
        await setTimeout(TICK_MS);
        return requests - before;
      }),
    ]);
  } finally {
    client.stdin.end();
    await ended.catch(() => {});
    await server.close();
  }
}
