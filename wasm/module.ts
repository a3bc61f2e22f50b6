/**
 * The compiled module, in every runtime. Source phase imports need no permission
 * and work where compiling at run time is forbidden; runtimes that can't parse
 * them read or fetch the file beside this one.
 *
 * @module
 */

/** `openssl.wasm`, compiled once an import. */
export const module: WebAssembly.Module = await load();

async function load(): Promise<WebAssembly.Module> {
  try {
    return (await import("./source.js")).default;
  } catch (error) {
    // Where it can't be parsed, or is taken for another sort of import.
    return await compile().catch((cause) => {
      throw new Error(
        `Cannot load openssl.wasm, which must be beside ${import.meta.url}: with a bundler, use the package of npm's`,
        { cause: [error, cause] },
      );
    });
  }
}

async function compile(): Promise<WebAssembly.Module> {
  const url = new URL("./openssl.wasm", import.meta.url);
  if (url.protocol !== "file:") {
    return await WebAssembly.compileStreaming(fetch(url));
  }
  const { readFile } = await import("node:fs/promises");
  const bytes = await readFile(url) as Uint8Array<ArrayBuffer>;
  return await WebAssembly.compile(bytes);
}
