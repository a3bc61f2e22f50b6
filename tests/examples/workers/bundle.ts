import { equal } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LONG_MS, run } from "../../runtimes/command.ts";

const GUIDE = new URL("../../../docs/cloudflare.md", import.meta.url);
const EXAMPLES = fileURLToPath(
  new URL("../../../examples/workers", import.meta.url),
);
/** Where tests have workers of their own. */
const OWN = fileURLToPath(new URL("own", import.meta.url));
/** What the examples need, besides this package. */
const DRIVERS = ["basic-ftp", "mysql2", "pg"];

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** What Wrangler says of what it would upload, in KiB. */
export interface BundleSize {
  readonly raw: number;
  readonly gzip: number;
}

/** Puts workers and the drivers into a folder where the package is installed. */
export async function prepareExamples(
  home: string,
  drivers: string,
): Promise<void> {
  await copyFolder(EXAMPLES, join(home, "workers"));
  await copyFolder(OWN, join(home, "workers"));
  await writeGuide(join(home, "workers"));
  const { dependencies }: Manifest = JSON.parse(
    await Deno.readTextFile(join(EXAMPLES, "package.json")),
  );
  for (const name of DRIVERS) {
    const installed = await Deno.readTextFile(
      join(drivers, "node_modules", name, "package.json"),
    );
    equal(dependencies[name], JSON.parse(installed).version);
    await Deno.symlink(
      join(drivers, "node_modules", name),
      join(home, "node_modules", name),
    );
  }
}

/**
 * Has Wrangler make what `wrangler deploy` uploads, as the example's configuration says.
 *
 * @throws {Error} If it fails, or warns.
 */
export async function bundleExample(
  node: string,
  wrangler: string,
  home: string,
  example: string,
): Promise<BundleSize> {
  const config = join(home, "workers", example, "wrangler.jsonc");
  const outdir = folderOf(home, example);
  const { text } = await run(node, [
    wrangler,
    "deploy",
    "--dry-run",
    `--config=${config}`,
    `--outdir=${outdir}`,
  ], {
    cwd: home,
    timeout: LONG_MS,
    env: { WRANGLER_SEND_METRICS: "false" },
  });
  if (/warning/i.test(text)) throw new Error(text);
  await Deno.copyFile(config, join(outdir, "wrangler.jsonc"));
  const [, raw, gzip] =
    /Total Upload: ([\d.]+) KiB \/ gzip: ([\d.]+) KiB/.exec(text) ?? [];
  return { raw: Number(raw), gzip: Number(gzip) };
}

/** Where an example is, as Wrangler made it. */
export function folderOf(home: string, example: string): string {
  return join(home, "bundles", example);
}

/** The first Worker of `docs/cloudflare.md`, which finds its server by a variable. */
async function writeGuide(workers: string): Promise<void> {
  const text = await Deno.readTextFile(GUIDE);
  const [, code] = /^```ts ignore\n(.*?)^```$/ms.exec(text) ?? [];
  if (code === undefined) throw new Error("docs/cloudflare.md has no Worker");
  const here = code.replace("internal.example.com", "localhost")
    .replace("port: 443", "port: Number(env.PORT)");
  const folder = join(workers, "guide");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(join(folder, "worker.js"), here);
  const config = await Deno.readTextFile(
    join(workers, "client/wrangler.jsonc"),
  );
  await Deno.writeTextFile(
    join(folder, "wrangler.jsonc"),
    config.replace("worker.ts", "worker.js"),
  );
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (isDirectory) await copyFolder(source, target);
    else await Deno.copyFile(source, target);
  }
}
