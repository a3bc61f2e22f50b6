/**
 * What the first request takes in workerd, which has no clock of its own to ask: processor
 * time of its threads, as Linux counts it.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../tests/runtimes/command.ts";
import type { Start } from "./start_programs.ts";

const HERE = fileURLToPath(new URL("./", import.meta.url));

/** Puts the Worker and the module into a folder, as Cloudflare's wrangler bundles them. */
export async function bundleWorker(
  esbuild: string,
  folder: string,
): Promise<void> {
  await run(esbuild, [
    join(HERE, "start_worker.ts"),
    "--bundle",
    "--format=esm",
    "--log-level=warning",
    "--external:node:*",
    "--external:*.wasm",
    `--outfile=${join(folder, "worker.js")}`,
  ]);
  const module = join(HERE, "../wasm/openssl.wasm");
  await Deno.copyFile(module, join(folder, "openssl.wasm"));
}

/** Starts a workerd, and times its first request. */
export async function timeFirstRequest(
  workerd: string,
  folder: string,
): Promise<Start> {
  const child = new Deno.Command(workerd, {
    args: [
      "serve",
      "--control-fd=1",
      `--import-path=${folder}`,
      join(HERE, "start_workerd.capnp"),
    ],
    stdout: "piped",
  }).spawn();
  try {
    const port = await portOf(child.stdout);
    const body = JSON.stringify({
      cert: await Deno.readTextFile(join(folder, "P-256.cert.pem")),
      key: await Deno.readTextFile(join(folder, "P-256.key.pem")),
    });
    const before = await processorMs(child.pid);
    const start = performance.now();
    const url = `http://127.0.0.1:${port}/`;
    const answer = await fetch(url, { method: "POST", body });
    const text = await answer.text();
    if (text !== "done") throw new Error(`The worker answered ${text}`);
    const ms = performance.now() - start;
    const cpuMs = await processorMs(child.pid) - before;
    return { whole: { ms, cpuMs }, phases: {} };
  } finally {
    child.kill();
    await child.status;
  }
}

/** workerd says a line of JSON for each socket that it listens on. */
async function portOf(stdout: ReadableStream<Uint8Array>): Promise<number> {
  let text = "";
  const lines = stdout.pipeThrough(new TextDecoderStream());
  for await (const part of lines.values({ preventCancel: true })) {
    text += part;
    const port = text.match(/"port":\s*(\d+)/)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`workerd listens nowhere: ${text}`);
}

/** The first figure of `schedstat` is a thread's time in nanoseconds. */
async function processorMs(pid: number): Promise<number> {
  let ns = 0;
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const text = await Deno.readTextFile(`/proc/${pid}/task/${name}/schedstat`);
    ns += Number(text.split(" ")[0]);
  }
  return ns / 1e6;
}
