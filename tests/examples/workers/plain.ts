import { deepEqual } from "node:assert/strict";
import { join } from "node:path";
import { parse } from "./jsonc.ts";

/** By which Wrangler is told how to bundle, or workerd to have modules of Node.js's. */
const SETTINGS = ["alias", "compatibility_flags", "define", "rules"];

/** Throws if a Worker's configuration has more than bindings, or it imports from Node.js. */
export async function assertPlain(folder: string): Promise<void> {
  const config = parse<object>(
    await Deno.readTextFile(join(folder, "wrangler.jsonc")),
  );
  deepEqual(SETTINGS.filter((name) => name in config), []);
  const code = await Deno.readTextFile(join(folder, "worker.js"));
  const imports = [...code.matchAll(/^(?:import|export) .*from "([^"]+)";$/gm)]
    .map(([, specifier = ""]) => specifier);
  const foreign = imports.filter((name) =>
    name !== "cloudflare:sockets" && !name.endsWith("-openssl.wasm")
  );
  deepEqual(foreign, []);
}
