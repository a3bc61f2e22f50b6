/**
 * `deno task jsr`: makes the package for JSR in the folder `jsr`: the sources, and for the
 * exports but the command line a bundle of them, since every module that a program loads
 * takes Deno time. Types and documentation are those of the sources.
 *
 * @module
 */
import { dirname, join, matchesGlob, relative } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { bundle, entriesOf, libraryExports } from "./bundle.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const OUT = join(ROOT, "jsr");
const BUNDLE = "bundle";
const MODULE = "wasm/module.ts";

const library = libraryExports(config.exports);
await Deno.remove(OUT, { recursive: true }).catch(() => {});
for (const path of await published()) {
  await write(path, await Deno.readFile(join(ROOT, path)));
}
const sources = new Map(
  Object.values(library).map((path) => [bundled(path), path]),
);
for (const [name, code] of await bundle(ROOT, entriesOf(library))) {
  const path = join(BUNDLE, name);
  const source = sources.get(`./${path}`);
  const types = source ? `// @ts-self-types="${from(path, source)}"\n` : "";
  const text = types + code.replaceAll('"#openssl"', `"${from(path, MODULE)}"`);
  await write(path, new TextEncoder().encode(text));
}
const exports = Object.fromEntries(
  Object.entries(config.exports).map(([subpath, path]) => [
    subpath,
    subpath in library ? bundled(path) : path,
  ]),
);
const { name, version, license, imports, unstable, compilerOptions } = config;
const manifest = {
  ...{ name, version, license, exports, imports, unstable, compilerOptions },
  publish: { exclude: ["!."] }, // what Git ignores, as it does this folder
};
const text = `${JSON.stringify(manifest, null, 2)}\n`;
await write("deno.json", new TextEncoder().encode(text));
console.log(`Made jsr/: ${name}@${version}`);

/** The checkout's files that are published. */
async function published(): Promise<string[]> {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const git = new Deno.Command("git", { args, cwd: ROOT });
  const { success, stdout } = await git.output();
  if (!success) throw new Error("Cannot list the files: git failed");
  const isExcluded = (path: string) =>
    config.publish.exclude.some((pattern) =>
      path.startsWith(`${pattern}/`) || matchesGlob(path, pattern)
    );
  const paths = new TextDecoder().decode(stdout).trim().split("\n");
  return paths.filter((path) => !isExcluded(path));
}

/** Where the bundle has an export. */
function bundled(path: string): string {
  return `./${join(BUNDLE, path).replace(/\.ts$/, ".js")}`;
}

/** How a file names another. */
function from(path: string, to: string): string {
  return relative(dirname(path), to);
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(join(OUT, path)), { recursive: true });
  await Deno.writeFile(join(OUT, path), bytes);
}
