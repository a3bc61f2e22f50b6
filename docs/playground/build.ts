/**
 * `deno task playground`: builds the page into a folder, and serves it.
 *
 * @module
 */
import { build, stop } from "esbuild";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { servePlayground } from "./serve.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const WASM = join(ROOT, "wasm/openssl.wasm");
const MODULE = /\/wasm\/module\.ts$/;
const AS_THEY_ARE = ["index.html", "style.css"];
/** Where a little-endian length is in the header of `xz --format=lzma`. */
const LENGTH_AT = 5;

const HELP = `
Builds the playground, a static page that any host can serve, and serves it at
http://127.0.0.1:8000/.

  deno task playground               build into a temporary folder, and serve it
  deno task playground --build DIR   only build, into DIR
  deno task playground --port PORT   serve on another port; 0 takes any

It needs the program xz (Debian: apt-get install xz-utils).`.trim();

/** Builds the page into a folder, which exists. */
export async function buildPlayground(folder: string): Promise<void> {
  const files = new Map(await bundle());
  for (const name of AS_THEY_ARE) {
    files.set(name, await Deno.readFile(join(HERE, name)));
  }
  files.set("openssl.wasm", await Deno.readFile(WASM));
  for (const [name, bytes] of files) {
    const path = join(folder, name);
    await Deno.writeFile(path, bytes);
    // For hosts that serve what is compressed beforehand, such as nginx and Caddy.
    await Deno.writeFile(`${path}.br`, brotli(bytes));
    await Deno.writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
  await Deno.writeFile(join(folder, "openssl.lzma"), await compressedModule());
}

function brotli(bytes: Uint8Array): Uint8Array {
  const { BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  return brotliCompressSync(bytes, {
    params: {
      [BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

/** The page's scripts: one loads the module while the other, which needs it, is on its way. */
async function bundle(): Promise<(readonly [name: string, Uint8Array])[]> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    bundle: true,
    charset: "utf8",
    entryPoints: [join(HERE, "main.ts"), join(HERE, "module.ts")],
    external: ["node:*"],
    format: "esm",
    legalComments: "none",
    minify: true,
    outdir: HERE,
    platform: "browser",
    plugins: [{
      name: "the page's own module",
      setup: ({ onResolve }) =>
        onResolve(
          { filter: MODULE },
          () => ({ path: "./module.js", external: true }),
        ),
    }],
    target: "es2022",
    write: false,
  });
  await stop();
  return outputFiles.map(({ path, contents }) => [basename(path), contents]);
}

/** The module in LZMA, for hosts that don't compress it by Brotli. */
async function compressedModule(): Promise<Uint8Array> {
  const { size } = await Deno.stat(WASM);
  const { code, stdout, stderr } = await new Deno.Command("xz", {
    args: [
      "--format=lzma",
      "--lzma1=preset=9e,pb=0,nice=273",
      "--stdout",
      WASM,
    ],
  }).output().catch((error) => {
    throw new Error("Cannot run xz: install it (Debian: xz-utils)", {
      cause: error,
    });
  });
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  new DataView(stdout.buffer, stdout.byteOffset).setUint32(
    LENGTH_AT,
    size,
    true,
  );
  return stdout;
}

async function main(): Promise<void> {
  const { build, help, port } = optionsOf(Deno.args);
  if (help) return console.log(HELP);
  const folder = build ?? await Deno.makeTempDir({ prefix: "sesame-" });
  await Deno.mkdir(folder, { recursive: true });
  await buildPlayground(folder);
  if (build !== undefined) return console.log(`Built ${folder}`);
  const server = servePlayground(folder, { port });
  console.log(`The playground is at ${server.url}`);
}

/** The options of a command line; ends the program if there are others. */
function optionsOf(
  args: string[],
): { build: string | undefined; help: boolean; port: number } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        build: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
        port: { type: "string", default: "8000" },
      },
    });
    const port = Number(values.port);
    if (!/^\d+$/.test(values.port) || port > 65535) {
      throw new RangeError(
        `--port must be 0 to 65535, received ${values.port}`,
      );
    }
    return { build: values.build, help: values.help, port };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    Deno.exit(2);
  }
}

if (import.meta.main) await main();
