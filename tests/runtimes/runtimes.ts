import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { visitInChromium } from "./browser/visit.ts";
import { type Report, run } from "./command.ts";
import type { Tool } from "./install.ts";
import { serveFolder } from "./serve_folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HERE = join(ROOT, "tests/runtimes");
const RUNNER = join(HERE, "process.ts");
const WASM = join(ROOT, "wasm/openssl.wasm");

/** A runtime, and how the checks run in it. */
export interface Runtime {
  /** What people call it. */
  readonly name: string;
  /** The program, unless npm's is missing. */
  readonly program: string | undefined;
  /** Runs the checks. The folder is empty, and the runtime's own. */
  check(program: string, folder: string): Promise<Report>;
}

/** Every runtime, with what npm has. */
export function runtimesWith(tools: Partial<Record<Tool, string>>): Runtime[] {
  const { node22, node24, bun, workerd, esbuild } = tools;
  const deno = Deno.execPath();
  const bundle = (entry: string, ...args: string[]) =>
    run(esbuild ?? "esbuild", [
      join(HERE, entry),
      "--bundle",
      "--format=esm",
      "--log-level=warning",
      "--external:node:*",
      "--external:*.wasm",
      ...args,
    ]);
  return [
    { name: "Deno", program: deno, check: runDeno },
    { name: "Deno over HTTP", program: deno, check: runDenoOverHttp },
    { name: "Node 22", program: node22, check: runAsItIs },
    { name: "Node 24", program: node24, check: runAsItIs },
    { name: "Bun", program: bun, check: runAsItIs },
    {
      name: "workerd",
      program: workerd,
      check: async (program, folder) => {
        // One file, as Cloudflare's wrangler makes it.
        await bundle("workerd/worker.ts", `--outdir=${folder}`);
        await Deno.copyFile(WASM, join(folder, "openssl.wasm"));
        return runWorkerd(program, folder);
      },
    },
    {
      name: "Chromium",
      program: esbuild && "chromium",
      check: async (program, folder) => {
        // A browser can't parse wasm/source.js: it must be a file of its own.
        await bundle("browser/page.ts", "--splitting", `--outdir=${folder}`);
        const page = join(HERE, "browser/page.html");
        await Deno.copyFile(page, join(folder, "page.html"));
        await Deno.copyFile(WASM, join(folder, "openssl.wasm"));
        return visitInChromium(program, folder);
      },
    },
  ];
}

/** Runs the `worker.js` and the `openssl.wasm` in a folder. */
export function runWorkerd(program: string, folder: string): Promise<Report> {
  const config = join(HERE, "workerd/config.capnp");
  return run(program, ["test", `--import-path=${folder}`, config]);
}

/** Node.js and Bun strip the types themselves. */
function runAsItIs(program: string, folder: string): Promise<Report> {
  return run(program, [RUNNER, folder]);
}

/** With no permission but for SQLite's file, and sockets on this machine. */
function runDeno(program: string, folder: string): Promise<Report> {
  return run(program, [
    "run",
    "--no-config",
    "--no-prompt",
    `--allow-read=${folder}`,
    `--allow-write=${folder}`,
    "--allow-net=127.0.0.1",
    RUNNER,
    folder,
  ]);
}

/** From a server, with no permission but to import: as JSR's packages are. */
async function runDenoOverHttp(
  program: string,
  folder: string,
): Promise<Report> {
  await using server = serveFolder(ROOT);
  return await run(program, [
    "run",
    "--no-config",
    "--no-prompt",
    `--allow-import=${new URL(server.url).host}`,
    `${server.url}tests/runtimes/process.ts`,
  ], { env: { DENO_DIR: folder } });
}
