/**
 * Runs a command whose `JSR_URL` is a registry on loopback that holds folders:
 *
 * ```sh
 * deno run -A tests/registry/serve.ts ../std/assert ../std/internal -- deno test
 * ```
 *
 * Each folder is a package with a `deno.json`, served as it is but for bare specifiers
 * of the others' names, which become `jsr:` ones. `FOLDER@VERSION` gives it another version.
 *
 * @module
 */
import { type PackageConfig, packageInFolder } from "./packages.ts";
import { serveRegistry } from "./registry.ts";
import { join } from "node:path";

const separator = Deno.args.indexOf("--");
const folders = Deno.args.slice(0, separator);
const [program, ...args] = Deno.args.slice(separator + 1);
if (separator < 1 || program === undefined) {
  console.error(
    "Usage: serve.ts FOLDER[@VERSION] ... -- COMMAND [ARGUMENT ...]",
  );
  Deno.exit(2);
}

const named = await Promise.all(folders.map(async (argument) => {
  const [, folder = "", version] = /^(.+?)(?:@([^@/]+))?$/.exec(argument) ?? [];
  const config: PackageConfig = JSON.parse(
    await Deno.readTextFile(join(folder, "deno.json")),
  );
  return { folder, ...config, ...(version && { version }) };
}));
const imports = Object.fromEntries(
  named.map(({ name, version }) => [name, `jsr:${name}@^${version}`]),
);
await using registry = serveRegistry();
for (const { folder, ...config } of named) {
  registry.add(await packageInFolder(folder, config, imports));
}
const { code } = await new Deno.Command(program, {
  args,
  env: { JSR_URL: registry.url },
}).spawn().status;
await registry[Symbol.asyncDispose]();
Deno.exit(code);
