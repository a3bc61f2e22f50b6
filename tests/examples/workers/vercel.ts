import { equal } from "node:assert/strict";
import { join } from "node:path";
import { run } from "../../runtimes/command.ts";

/** What it takes to run a function in Vercel's runtime. */
export interface VercelTools {
  readonly node: string;
  readonly esbuild: string;
  /** The folder of packages that has `edge-runtime`'s VM. */
  readonly packages: string;
}

/** Throws unless a client resumes in Vercel's runtime, where both ends are in memory. */
export async function visitVercel(
  home: string,
  { node, esbuild, packages }: VercelTools,
): Promise<void> {
  const folder = join(home, "workers/vercel");
  const code = join(folder, "function.js");
  await run(esbuild, [
    join(folder, "function.ts"),
    "--bundle",
    "--format=iife",
    "--log-level=warning",
    `--alias:#openssl=${join(folder, "openssl.ts")}`,
    `--outfile=${code}`,
  ], { cwd: home });
  const { text } = await run(node, [
    join(folder, "run.mjs"),
    join(packages, "@edge-runtime/vm/dist/index.js"),
    code,
    join(home, "node_modules/@sesame/tls/wasm/openssl.wasm"),
  ]);
  equal(text.trim(), "[false,true]");
}
