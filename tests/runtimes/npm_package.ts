import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { LONG_MS, run } from "./command.ts";
import { transpile } from "./transpile.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HERE = "tests/runtimes";
/** Where the checks are in the folder that {@linkcode installPackage} makes. */
export const CHECKS = {
  alias: `${HERE}/alias.js`,
  aliasWorker: `${HERE}/workerd/alias_worker.js`,
  page: `${HERE}/browser/page.js`,
  process: `${HERE}/process.js`,
  worker: `${HERE}/workerd/worker.js`,
} as const;

const SUBPATHS = new Map(
  Object.entries(config.exports)
    .map(([subpath, path]) => [join(path), config.name + subpath.slice(1)]),
);

/**
 * Makes and packs the package, and installs the tarball in an empty folder, beside the
 * checks: the folder.
 */
export async function installPackage(): Promise<string> {
  await run(Deno.execPath(), ["task", "npm"], {
    cwd: ROOT,
    timeout: LONG_MS,
  });
  const folder = await Deno.makeTempDir({ prefix: "sesame-" });
  const npm = (...args: string[]) => run("npm", args, { cwd: folder });
  await Deno.writeTextFile(join(folder, "package.json"), PACKAGE_JSON);
  const packing = await npm("pack", "--silent", join(ROOT, "npm"));
  const tarball = packing.text.trim();
  const { size } = await Deno.stat(join(folder, tarball));
  console.log(`Packed ${tarball}: ${(size / 1e6).toFixed(1)} MB`);
  await npm("install", "--silent", "--offline", `./${tarball}`);
  await writeChecks(folder);
  return folder;
}

const PACKAGE_JSON = '{ "private": true, "type": "module" }';

async function writeChecks(folder: string): Promise<void> {
  const entries = Object.values(CHECKS).map((path) =>
    path.replace(/\.js$/, ".ts")
  );
  for (const [path, code] of transpile(ROOT, entries, packageOf)) {
    await Deno.mkdir(join(folder, dirname(path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), code);
  }
}

/** What exports a source. The files of the testing kit are all in one export. */
function packageOf(path: string): string | undefined {
  return path.startsWith("src/testing/")
    ? `${config.name}/testing`
    : SUBPATHS.get(path);
}
