// @ts-self-types="./tcp_hold.d.mts"
// deno-lint-ignore-file explicit-function-return-type -- tcp_hold.d.mts has the types
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CLIENT = fileURLToPath(new URL("tcp_hold_client.mjs", import.meta.url));

export async function holdConnections(m, count, certificates, serve) {
  const server = await serve();
  const client = spawn("node", [
    CLIENT,
    String(server.port),
    String(count),
    join(certificates, `${m.key}.cert.pem`),
    JSON.stringify({ minVersion: m.version, maxVersion: m.version }),
  ], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(client, "close");
  const [line] = await once(client.stdout, "data");
  if (String(line).trim() !== "held") throw new Error("the client has failed");
  return async () => {
    client.stdin.end();
    await ended;
    await server.close();
  };
}
