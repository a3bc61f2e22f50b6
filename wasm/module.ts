/**
 * The compiled module, in every runtime. Source phase imports need no permission
 * and work where compiling at run time is forbidden; runtimes that can't parse
 * them read or fetch the file beside this one.
 *
 * @module
 */

/** A module whose only function makes a vector and drops it. */
// deno-fmt-ignore
const USES_SIMD = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // magic number, version
  1, 4, 1, 0x60, 0, 0, // a type: no parameters, no results
  3, 2, 1, 0, // a function of it
  10, 9, 1, 7, 0, 0x41, 0, 0xfd, 15, 0x1a, 0xb, // i32.const 0, i8x16.splat, drop
]);

const NO_SIMD =
  "Cannot load openssl.wasm: this runtime has no WebAssembly SIMD, or not on this processor. Use Deno, Node 16.4, Chrome 91, Firefox 89, Safari 16.4 or newer, on x86 with SSE4.1";

/** `openssl.wasm`, compiled once an import. */
export const module: WebAssembly.Module = await load();

async function load(): Promise<WebAssembly.Module> {
  try {
    return (await import("./source.js")).default;
  } catch (error) {
    // Where it can't be parsed, or is taken for another sort of import.
    return await compile().catch((cause) => {
      if (!WebAssembly.validate(USES_SIMD)) throw new Error(NO_SIMD, { cause });
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
