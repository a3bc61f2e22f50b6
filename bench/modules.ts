/**
 * The modules that `./build.sh --bench` leaves in a folder: what only a toolchain can give.
 *
 * @module
 */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { debianRoots, succeeds } from "./programs.ts";

/** Their paths. */
export interface Modules {
  /** openssl.wasm, without kernels. */
  plain: string;
  primitives: string;
  plainPrimitives: string;
}

/** Bytes of modules, by what they are. */
export type Sizes = Record<string, { raw: number; brotli: number }>;

const OURS = fileURLToPath(new URL("../wasm/openssl.wasm", import.meta.url));
const BUILD = fileURLToPath(new URL("../build.sh", import.meta.url));

/** Those in a folder, made if they aren't there; a sentence if this machine can't make them. */
export async function getModules(folder: string): Promise<Modules | string> {
  const modules = {
    plain: join(folder, "plain.wasm"),
    primitives: join(folder, "primitives.wasm"),
    plainPrimitives: join(folder, "primitives-plain.wasm"),
  };
  const present = await Promise.all(Object.values(modules).map(exists));
  if (present.every(Boolean)) return modules;
  if (!await hasToolchain()) {
    return "this machine has no toolchain: put emcc into PATH or run ./build.sh once as root, " +
      "or run `./build.sh --bench DIR` on another machine and give DIR as --modules";
  }
  console.error("Building the modules to compare: about a minute");
  const built = await succeeds(BUILD, ["--bench", folder]);
  return built ? modules : `\`./build.sh --bench ${folder}\` failed: run it`;
}

/** Else build.sh would download one. */
async function hasToolchain(): Promise<boolean> {
  const [debian = ""] = debianRoots();
  return await succeeds("emcc", ["--version"]) || await exists(debian);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}

/** What the kernels add to the module. */
export async function sizesOf(modules: Modules | undefined): Promise<Sizes> {
  const sizes: Sizes = {};
  for (
    const [name, path] of [
      ["the module with kernels", OURS],
      ["the module without", modules?.plain],
    ] as const
  ) {
    if (path === undefined) continue;
    const bytes = await readFile(path);
    const brotli = brotliCompressSync(bytes).length;
    sizes[name] = { raw: bytes.length, brotli };
  }
  return sizes;
}
