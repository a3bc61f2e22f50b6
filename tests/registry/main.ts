/**
 * `deno task test:registry`: publishes what `deno task jsr` makes to a registry on loopback
 * by `deno publish`, and uses the package from there, in folders outside of the checkout. The
 * last line is "N passed, N failed"; the exit code is 1 if anything failed.
 *
 * @module
 */
import { CLI_CHECKS } from "./cli_checks.ts";
import { COMPILE_CHECKS } from "./compile_checks.ts";
import { makeConsumer } from "./consumer.ts";
import { LIBRARY_CHECKS } from "./library_checks.ts";
import { publish } from "./publish.ts";
import { serveRegistry } from "./registry.ts";
import { runChecks } from "../support/checks.ts";

await using registry = serveRegistry();
await publish(registry);
console.log("Published to a registry on loopback");
await using consumer = await makeConsumer(registry);
await runChecks(
  {
    ...LIBRARY_CHECKS,
    ...CLI_CHECKS,
    ...COMPILE_CHECKS,
  },
  consumer,
  registry,
);
