import { join } from "node:path";
import { LONG_MS, run } from "./command.ts";
import type { Tool } from "./install.ts";
import { CHECKS } from "./npm_package.ts";
import { type Runtime, runWorkerd } from "./runtimes.ts";

const ALIAS = { "node:tls": "@sesame/tls/node", tls: "@sesame/tls/node" };

/**
 * What bundlers make of a program that imports `tls`, with an alias that leads it to the
 * package that is installed in `home`.
 *
 * @param builders The folder of packages that has the bundlers.
 */
export function aliasesWith(
  home: string,
  { node22, node24, workerd, esbuild }: Partial<Record<Tool, string>>,
  builders: string | undefined,
): Runtime[] {
  const inHome = (program: string, ...args: string[]) =>
    run(program, args, { cwd: home, timeout: LONG_MS });
  const build = (name: string, ...args: string[]) =>
    inHome(node22 ?? "node", join(builders ?? "", name), ...args);
  return [
    {
      name: "Node, esbuild, alias",
      program: esbuild && node24,
      check: async (program, folder) => {
        const out = join(folder, "alias.mjs");
        await inHome(
          esbuild ?? "esbuild",
          CHECKS.alias,
          "--bundle",
          "--format=esm",
          "--platform=node",
          ...Object.entries(ALIAS).map(([from, to]) => `--alias:${from}=${to}`),
          `--outfile=${out}`,
        );
        return await run(program, [out]);
      },
    },
    {
      name: "Node, Vite, alias",
      program: builders && node24,
      check: async (program, folder) => {
        const config = join(home, "vite.config.js");
        await Deno.writeTextFile(
          config,
          `export default ${
            JSON.stringify({
              resolve: { alias: ALIAS },
              ssr: { noExternal: true },
              build: { ssr: CHECKS.alias, outDir: folder, emptyOutDir: true },
            })
          };\n`,
        );
        await build("vite/bin/vite.js", "build", `--config=${config}`);
        return await run(program, [join(folder, "alias.js")]);
      },
    },
    {
      name: "workerd, Wrangler, alias",
      program: builders && workerd,
      check: async (program, folder) => {
        const config = join(home, "wrangler.json");
        await Deno.writeTextFile(
          config,
          JSON.stringify({
            name: "alias",
            main: CHECKS.aliasWorker,
            compatibility_date: "2026-04-01",
            compatibility_flags: ["nodejs_compat"],
            alias: ALIAS,
            send_metrics: false,
          }),
        );
        const args = ["deploy", "--dry-run", `--config=${config}`];
        const wrangler = "wrangler/bin/wrangler.js";
        await build(wrangler, ...args, `--outdir=${folder}`);
        await nameAsConfigured(folder);
        return await runWorkerd(program, folder);
      },
    },
  ];
}

/** Wrangler names the module by its hash; our configuration has one name for it. */
async function nameAsConfigured(folder: string): Promise<void> {
  const files = await Array.fromAsync(Deno.readDir(folder));
  const wasm = files.find(({ name }) => name.endsWith(".wasm"))?.name ?? "";
  const code = await Deno.readTextFile(join(folder, "alias_worker.js"));
  await Deno.writeTextFile(
    join(folder, "worker.js"),
    code.replaceAll(wasm, "openssl.wasm"),
  );
  await Deno.rename(join(folder, wasm), join(folder, "openssl.wasm"));
}
