import { join } from "node:path";
import { visitInChromium } from "./browser/visit.ts";
import { LONG_MS, run } from "./command.ts";
import type { Tool } from "./install.ts";
import { CHECKS } from "./npm_package.ts";
import type { Runtime } from "./runtimes.ts";

const PAGE = new URL("./browser/page.html", import.meta.url);

/**
 * What each bundler makes of the checks and of the package that is installed in `home`,
 * without configuration, where it can't find the package any more.
 *
 * @param builders The folder of packages that has the bundlers.
 */
export function bundlersWith(
  home: string,
  { node22, bun, esbuild }: Partial<Record<Tool, string>>,
  builders: string | undefined,
): Runtime[] {
  const inHome = (program: string, ...args: string[]) =>
    run(program, args, { cwd: home, timeout: LONG_MS });
  /** Runs a program of npm's. */
  const build = (name: string, ...args: string[]) =>
    inHome(node22 ?? "node", join(builders ?? "", name), ...args);
  const ifBuilders = (program: string | undefined) => builders && program;
  return [
    {
      name: "Node, esbuild",
      program: esbuild && node22,
      check: async (program, folder) => {
        const out = `--outfile=${folder}/checks.mjs`;
        const args = ["--bundle", "--format=esm", "--platform=node", out];
        await inHome(esbuild ?? "esbuild", CHECKS.process, ...args);
        return await run(program, [`${folder}/checks.mjs`, folder]);
      },
    },
    {
      name: "Node, Rollup",
      program: ifBuilders(node22),
      check: async (program, folder) => {
        const plugin = join(builders ?? "", "@rollup/plugin-node-resolve");
        await build(
          "rollup/dist/bin/rollup",
          CHECKS.process,
          `--plugin=${plugin}`,
          "--format=es",
          "--entryFileNames=[name].mjs",
          `--dir=${folder}`,
        );
        return await run(program, [`${folder}/process.mjs`, folder]);
      },
    },
    {
      name: "Chromium, Vite",
      program: ifBuilders("chromium"),
      check: async (program, folder) => {
        const page = `<script type="module" src="/${CHECKS.page}"></script>`;
        await Deno.writeTextFile(join(home, "index.html"), page);
        await build("vite/bin/vite.js", "build", "--outDir", `${folder}/out`);
        return await visitInChromium(program, `${folder}/out`, "index.html");
      },
    },
    {
      name: "Chromium, webpack",
      program: ifBuilders("chromium"),
      check: async (program, folder) => {
        await build(
          "webpack-cli/bin/cli.js",
          "--mode=production",
          `--entry=./${CHECKS.page}`,
          `--output-path=${folder}`,
          "--output-filename=page.js",
        );
        await Deno.copyFile(PAGE, join(folder, "page.html"));
        return await visitInChromium(program, folder);
      },
    },
    {
      name: "Bun, bun build",
      program: bun,
      check: async (program, folder) => {
        const args = ["--target=bun", `--outfile=${folder}/checks.mjs`];
        await inHome(program, "build", CHECKS.process, ...args);
        return await run(program, [`${folder}/checks.mjs`, folder]);
      },
    },
    {
      name: "Deno, deno bundle",
      program: Deno.execPath(),
      check: async (program, folder) => {
        const args = ["--quiet", `--output=${folder}/checks.mjs`];
        await inHome(program, "bundle", ...args, CHECKS.process);
        return await run(program, [
          "run",
          "--no-prompt",
          "--allow-net=127.0.0.1",
          `--allow-read=${folder}`,
          `--allow-write=${folder}`,
          `${folder}/checks.mjs`,
          folder,
        ]);
      },
    },
  ];
}
