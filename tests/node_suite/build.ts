import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../../packaging/bundle.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const REGISTER = "src/node/register";

/**
 * Bundles `register` into a folder, as the package for npm has it, since a runtime that loads
 * each of the sources for each test takes longer for that than for the test.
 *
 * @returns The path of the module.
 */
export async function buildRegister(folder: string): Promise<string> {
  const write = async (path: string, text: string) => {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  };
  const copy = async (from: string, to: string) => {
    await Deno.mkdir(dirname(join(folder, to)), { recursive: true });
    await Deno.copyFile(join(ROOT, from), join(folder, to));
  };
  for (
    const [path, code] of await bundle(ROOT, { [REGISTER]: `./${REGISTER}.ts` })
  ) {
    await write(path, code);
  }
  const imports = { "#openssl": "./wasm/file_sync.js" };
  await write("package.json", JSON.stringify({ type: "module", imports }));
  await copy("wasm/openssl.wasm", "wasm/openssl.wasm");
  await copy("packaging/wasm/file_sync.js", "wasm/file_sync.js");
  return join(folder, `${REGISTER}.js`);
}
