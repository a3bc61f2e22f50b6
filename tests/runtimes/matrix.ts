/**
 * `deno task test:runtimes`: runs the checks in every runtime, on the checkout. What npm
 * has is installed into a cache folder, once; Chromium has to be there.
 *
 * @module
 */
import { install } from "./install.ts";
import { runtimesWith } from "./runtimes.ts";
import { runMatrix } from "./table.ts";

Deno.exit(await runMatrix(runtimesWith(await install())));
