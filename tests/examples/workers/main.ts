/**
 * `deno task test:workers`: installs the package for npm, has Wrangler make the Workers of
 * `examples/workers` as `wrangler deploy` would, and runs them in Cloudflare's simulator, at
 * servers of Debian's that are started here. Prints what each is in size, and the processor
 * time of its first request and of its tenth.
 *
 * `--only NAME` is for one of them. The last line is "N passed, N failed", and ", N skipped" if
 * any were: what is missing is skipped, but where the variable `CI` is `true` it has failed.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Servers, startServers } from "../../drivers/servers/mod.ts";
import {
  install,
  installBuilders,
  installDrivers,
  installEdgeRuntime,
  installSimulator,
} from "../../runtimes/install.ts";
import { installPackage } from "../../runtimes/npm_package.ts";
import { Tally } from "../../support/tally.ts";
import { bundleExample, folderOf, prepareExamples } from "./bundle.ts";
import { client, guide } from "./client.ts";
import { mysql, postgres } from "./databases.ts";
import { ftps } from "./ftps.ts";
import { moduleScope } from "./module_scope.ts";
import { assertPlain } from "./plain.ts";
import { server } from "./server.ts";
import type { Simulation } from "./simulated.ts";
import { visitVercel } from "./vercel.ts";
import { type Example, visitTo } from "./visit.ts";

const { values: { only } } = parseArgs({
  options: { only: { type: "string" } },
});
const EXAMPLES = [
  client,
  server,
  postgres,
  mysql,
  ftps,
  guide,
  moduleScope,
].filter(({ name }) => name === (only ?? name));

const tally = new Tally();
const { node24: node, esbuild } = await install();
const [builders, drivers, simulator, packages] = [
  await installBuilders(),
  await installDrivers(),
  await installSimulator(),
  await installEdgeRuntime(),
];
if (
  !node || !esbuild || !builders || !drivers || !simulator || !packages
) {
  tally.skip("the Workers", "npm and its registry, on Linux");
} else {
  const home = await installPackage();
  await prepareExamples(home, drivers);
  await tryAll(home, join(builders, "wrangler/bin/wrangler.js"), {
    node,
    miniflare: simulator.miniflare,
    folderOf: (example) => folderOf(home, example),
  });
  await note(
    "vercel",
    visitVercel(home, { node, esbuild, packages })
      .then(() => "resumes in memory, in edge-runtime"),
  );
  await Deno.remove(home, { recursive: true });
}
tally.end();

async function tryAll(
  home: string,
  wrangler: string,
  simulation: Simulation,
): Promise<void> {
  const names = EXAMPLES.flatMap(({ servers }) => servers);
  await using servers = await startServers(names);
  for (const example of EXAMPLES) {
    const missing = example.servers.flatMap((name) =>
      servers.missing.get(name) ?? []
    );
    if (missing.length > 0) {
      tally.skip(example.name, missing.join("; "));
      continue;
    }
    await note(
      example.name,
      tryOne(home, wrangler, simulation, servers, example),
    );
  }
}

/** Counts and prints what becomes of one. */
async function note(name: string, visit: Promise<string>): Promise<void> {
  const outcome = await visit.then((said) => {
    tally.add(true);
    return said;
  }, (error) => {
    tally.add(false);
    return `FAILED: ${error}`;
  });
  console.log(`${name.padEnd(14)}${outcome}`);
}

/** What there is to say of an example, if it works. */
async function tryOne(
  home: string,
  wrangler: string,
  simulation: Simulation,
  servers: Servers,
  { name, isPlain, maxGzip, visit }: Example,
): Promise<string> {
  const { node } = simulation;
  const { raw, gzip } = await bundleExample(node, wrangler, home, name);
  if (!(gzip <= maxGzip)) {
    throw new RangeError(`${gzip} KiB after gzip are over ${maxGzip}`);
  }
  if (isPlain) await assertPlain(folderOf(home, name));
  const times = { first: 0, tenth: 0 };
  await visit(visitTo(simulation, servers, name, times));
  const { first, tenth } = times;
  return `${raw.toFixed(0)} KiB, gzip ${gzip.toFixed(0)} KiB; ` +
    `first request ${first.toFixed(1)} ms, tenth ${tenth.toFixed(1)} ms`;
}
