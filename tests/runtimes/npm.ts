/**
 * `deno task test:npm`: makes the package for npm, packs it, installs the tarball in an
 * empty folder, and there runs the checks on it: in every runtime as it is, and in what
 * every bundler makes of it, without configuration; and compiles its types. What npm has
 * is installed into a cache folder, once; Chromium has to be there.
 *
 * @module
 */
import { aliasesWith } from "./aliases.ts";
import { bundlersWith } from "./bundlers.ts";
import { install, installBuilders } from "./install.ts";
import { installPackage } from "./npm_package.ts";
import { packageRuntimes } from "./npm_runtimes.ts";
import { compilersWith } from "./npm_types.ts";
import { runMatrix } from "./table.ts";

const [tools, builders] = [await install(), await installBuilders()];
const folder = await installPackage();
const code = await runMatrix([
  ...packageRuntimes(folder, tools),
  ...bundlersWith(folder, tools, builders),
  ...aliasesWith(folder, tools, builders),
  ...compilersWith(folder, builders),
]);
await Deno.remove(folder, { recursive: true });
Deno.exit(code);
