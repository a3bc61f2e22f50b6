/**
 * `deno task npm`: makes the package for npm in the folder `npm`, from the sources that
 * JSR has and with the same exports but for the command line, which needs Deno.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { bundle, entriesOf, libraryExports } from "./bundle.ts";
import { manifestOf } from "./manifest.ts";
import { withLinksWithin } from "./pages.ts";
import { compileTypes } from "./types.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const OUT = join(ROOT, "npm");
const AS_THEY_ARE = ["LICENSE", "docs/audit.schema.json", "docs/ladder.svg"];
const PAGES = ["CHANGELOG.md", "README.md", "SECURITY.md"];
const MODULE = "wasm/openssl.wasm";

const exports = libraryExports(config.exports);
await Deno.remove(OUT, { recursive: true }).catch(() => {});
for (const [path, code] of await bundle(ROOT, entriesOf(exports))) {
  await write(path, code);
}
for (const [path, text] of await compileTypes(ROOT, Object.values(exports))) {
  await write(path, text);
}
for await (const { name } of Deno.readDir(join(ROOT, "packaging/wasm"))) {
  await copy(`packaging/wasm/${name}`, `wasm/${name}`);
}
for (const path of [...AS_THEY_ARE, MODULE]) await copy(path, path);
await copyPages();
await write("wasm/openssl_gzipped.js", await gzippedModule());
const manifest = manifestOf({ ...config, exports });
await write("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`Made npm/: ${manifest.name}@${manifest.version}`);

/** The guide, and the pages beside it. */
async function copyPages(): Promise<void> {
  const guide = await Array.fromAsync(Deno.readDir(join(ROOT, "docs")));
  const pages = guide.map(({ name }) => `docs/${name}`)
    .filter((path) => path.endsWith(".md")).concat(PAGES);
  const files = new Set([...pages, ...AS_THEY_ARE]);
  for (const page of pages) {
    const text = await Deno.readTextFile(join(ROOT, page));
    await write(page, withLinksWithin(page, text, files));
  }
}

async function gzippedModule(): Promise<string> {
  const { readable } = await Deno.open(join(ROOT, MODULE));
  const gzip = new CompressionStream("gzip");
  const bytes = await new Response(readable.pipeThrough(gzip)).bytes();
  return `export const GZIPPED = "${bytes.toBase64()}";\n`;
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(join(OUT, path)), { recursive: true });
  await Deno.writeTextFile(join(OUT, path), text);
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(join(OUT, to)), { recursive: true });
  await Deno.copyFile(join(ROOT, from), join(OUT, to));
}
