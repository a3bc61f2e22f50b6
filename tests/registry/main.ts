/**
 * `deno task test:registry`: publishes the checkout to a registry on loopback by
 * `deno publish`, and uses the package from there, in folders outside of it. The last
 * line is "N passed, N failed"; the exit code is 1 if anything failed.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { LONG_MS, run } from "../runtimes/command.ts";
import { CLI_CHECKS } from "./cli_checks.ts";
import { COMPILE_CHECKS } from "./compile_checks.ts";
import { makeConsumer } from "./consumer.ts";
import { LIBRARY_CHECKS } from "./library_checks.ts";
import { type Registry, serveRegistry, TOKEN } from "./registry.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

await using registry = serveRegistry();
await publish(registry);
await using consumer = await makeConsumer(registry);
let failed = 0;
const checks = Object.entries({
  ...LIBRARY_CHECKS,
  ...CLI_CHECKS,
  ...COMPILE_CHECKS,
});
for (const [name, check] of checks) {
  const start = performance.now();
  try {
    await check(consumer, registry);
    const seconds = (performance.now() - start) / 1000;
    console.log(`ok      ${name} (${seconds.toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}`, error);
  }
}
console.log(`${checks.length - failed} passed, ${failed} failed`);
Deno.exitCode = failed > 0 ? 1 : 0;

async function publish({ url }: Registry): Promise<void> {
  const args = ["publish", "--quiet", "--allow-dirty", "--token", TOKEN];
  const env = { JSR_URL: url };
  await run(Deno.execPath(), args, { env, cwd: ROOT, timeout: LONG_MS });
  console.log("Published to a registry on loopback");
}
