/** Publishing the checkout. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LONG_MS, run } from "../runtimes/command.ts";
import { type Registry, TOKEN } from "./registry.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Makes the package for JSR, and publishes it to a registry as its release does. */
export async function publish({ url }: Registry): Promise<void> {
  await run(Deno.execPath(), ["task", "jsr"], { cwd: ROOT, timeout: LONG_MS });
  const args = ["publish", "--quiet", "--allow-dirty", "--token", TOKEN];
  const options = { env: { JSR_URL: url }, cwd: join(ROOT, "jsr") };
  await run(Deno.execPath(), args, { ...options, timeout: LONG_MS });
}
