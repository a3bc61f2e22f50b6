import { build, stop } from "esbuild";

/**
 * The import of a chunk for its effects, of which none has any: bundlers that read
 * `sideEffects` in package.json warn of each.
 */
const BARE_IMPORT = /^import "\.{1,2}\/(?:[^"]*\/)?shared\/[^"]+";\n/gm;
const MODULE = /\/wasm\/module\.ts$/;

/**
 * The JavaScript of some sources and all that they import, by path: a file an entry,
 * and what entries share. In no file and among no files do imports go in circles, which
 * bundlers can't put in order where the module is awaited.
 */
export async function bundle(
  root: string,
  entries: Readonly<Record<string, string>>,
): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    bundle: true,
    chunkNames: "shared/[name]_[hash]",
    entryPoints: entries,
    external: ["node:*"],
    format: "esm",
    outdir: root,
    platform: "neutral",
    plugins: [{
      name: "the package's own module",
      setup: ({ onResolve }) =>
        onResolve(
          { filter: MODULE },
          () => ({ path: "#openssl", external: true }),
        ),
    }],
    splitting: true,
    // What Node.js 20 can parse: `using` is not in it.
    target: "es2022",
    write: false,
  });
  await stop();
  return new Map(
    outputFiles.map(({ path, text }) => [
      path.slice(root.length),
      text.replaceAll(BARE_IMPORT, ""),
    ]),
  );
}

/** Those exports of `deno.json` that any runtime can have: all but the command line, which needs Deno. */
export function libraryExports(
  exports: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(exports).filter(([subpath]) => subpath !== "./cli"),
  );
}

/** The sources of exports, by where their JavaScript is to be, without its extension. */
export function entriesOf(
  exports: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.values(exports).map((
      path,
    ) => [path.replace(/^\.\/|\.ts$/g, ""), path]),
  );
}
