import { serveRegistry, TOKEN } from "./tests/registry/registry.ts";
import { makeConsumer } from "./tests/registry/consumer.ts";
import { run } from "./tests/runtimes/command.ts";
await using registry = serveRegistry();
await run(Deno.execPath(), [
  "publish",
  "--quiet",
  "--allow-dirty",
  "--no-check",
  "--token",
  TOKEN,
], { env: { JSR_URL: registry.url }, cwd: Deno.args[0], timeout: 300000 });
const c = await makeConsumer(registry);
await c.write("ph.mjs", await Deno.readTextFile("/tmp/h/coldstart2/x/ph.mjs"));
await c.deno("run", "-A", "--quiet", "ph.mjs", "@sesame/tls");
console.log(c.folder, registry.url);
setTimeout(() => Deno.exit(), 1500000);
