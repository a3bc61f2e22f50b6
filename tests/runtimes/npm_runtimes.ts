import { join } from "node:path";
import { visitInChromium } from "./browser/visit.ts";
import { run } from "./command.ts";
import type { Tool } from "./install.ts";
import { CHECKS } from "./npm_package.ts";
import { type Runtime, runWorkerd } from "./runtimes.ts";

const PAGE = new URL("./browser/page.html", import.meta.url);

/** Every runtime, with the package that is installed in `home`. */
export function packageRuntimes(
  home: string,
  { node20, node22, node24, bun, workerd, esbuild }: Partial<
    Record<Tool, string>
  >,
): Runtime[] {
  const runProcess: Runtime["check"] = (program, folder) =>
    run(program, [CHECKS.process, folder], { cwd: home });
  const runRequired: Runtime["check"] = async (program, folder) => {
    const script = join(folder, "required.cjs");
    await Deno.writeTextFile(script, REQUIRING);
    const register = "@sesame/tls/node/register";
    return await run(program, ["--require", register, script], { cwd: home });
  };
  const bundle = (entry: string, ...args: string[]) =>
    run(esbuild ?? "esbuild", [
      entry,
      "--bundle",
      "--format=esm",
      "--log-level=warning",
      ...args,
    ], { cwd: home });
  return [
    { name: "Node 20", program: node20, check: runProcess },
    { name: "Node 22", program: node22, check: runProcess },
    { name: "Node 24", program: node24, check: runProcess },
    { name: "Node 20, require()", program: node20, check: runRequired },
    { name: "Node 24, require()", program: node24, check: runRequired },
    { name: "Bun", program: bun, check: runProcess },
    {
      name: "Deno",
      program: Deno.execPath(),
      check: (deno, folder) =>
        run(deno, [
          "run",
          "--no-prompt",
          "--allow-net=127.0.0.1",
          `--allow-read=${folder}`,
          `--allow-write=${folder}`,
          CHECKS.process,
          folder,
        ], { cwd: home }),
    },
    {
      name: "workerd",
      program: workerd,
      check: async (program, folder) => {
        const args = ["--conditions=workerd", "--external:*.wasm"];
        await bundle(CHECKS.worker, `--outdir=${folder}`, ...args);
        const wasm = "node_modules/@sesame/tls/wasm/openssl.wasm";
        await Deno.copyFile(join(home, wasm), join(folder, "openssl.wasm"));
        return await runWorkerd(program, folder);
      },
    },
    {
      name: "Chromium, esbuild",
      program: esbuild && "chromium",
      check: async (program, folder) => {
        await bundle(CHECKS.page, `--outdir=${folder}`);
        await Deno.copyFile(PAGE, join(folder, "page.html"));
        return await visitInChromium(program, folder);
      },
    },
    {
      name: "Chromium, as it is",
      program: "chromium",
      check: async (program) => {
        const page = await Deno.readTextFile(PAGE);
        await Deno.writeTextFile(
          join(home, "page.html"),
          `<script type="importmap">${await importMapOf(home)}</script>` +
            page.replace("./page.js", `./${CHECKS.page}`),
        );
        return await visitInChromium(program, home);
      },
    },
  ];
}

/** A program of CommonJS before which `register` was required. */
const REQUIRING = `
const ours = require(require.resolve("@sesame/tls/node", { paths: [process.cwd()] }));
const ok = require("tls").connect === ours.connect;
const name = "require() takes the package";
console.log(JSON.stringify([{ name, ok, endedAt: Date.now(), ...!ok && { error: "not ours" } }]));
`;

/** By which a browser finds the package that is installed in `home`. */
async function importMapOf(home: string): Promise<string> {
  const folder = "node_modules/@sesame/tls";
  const { name, exports }: PackageJson = JSON.parse(
    await Deno.readTextFile(join(home, folder, "package.json")),
  );
  const imports = Object.entries(exports).flatMap(([subpath, target]) =>
    typeof target === "string"
      ? []
      : [[name + subpath.slice(1), `./${join(folder, target.default)}`]]
  );
  return JSON.stringify({
    imports: {
      ...Object.fromEntries(imports),
      "#openssl": `./${folder}/wasm/embedded.js`,
    },
  });
}

interface PackageJson {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { default: string }>>;
}
