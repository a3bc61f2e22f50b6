/// <reference lib="dom" />
/**
 * The compiled module in the page: what a build puts in the place of wasm/module.ts.
 *
 * Where the host has it in Brotli, the browser unpacks `openssl.wasm` and compiles it while
 * it comes. Elsewhere the page takes a file that is compressed by itself, and is as small.
 *
 * @module
 */
import { decodeLzma } from "./lzma.ts";

const { document } = globalThis;

/** `openssl.wasm`, compiled once. */
export const module: WebAssembly.Module = await load().catch((error) => {
  document.querySelector("#verdict")
    ?.replaceChildren(`The playground can't start: ${error.message}`);
  throw error;
});

async function load(): Promise<WebAssembly.Module> {
  const url = new URL("openssl.wasm", import.meta.url);
  if (await isBrotli(url)) {
    return await WebAssembly.compileStreaming(fetch(url));
  }
  const response = await fetch(new URL("openssl.lzma", import.meta.url));
  if (!response.ok) {
    throw new Error(`Cannot load openssl.lzma: ${response.status}`);
  }
  return await WebAssembly.compile(decodeLzma(await response.bytes()));
}

/**
 * Whether the host has a file compressed with Brotli beforehand. What hosts compress on the fly,
 * whose length they don't know, is a fifth larger.
 */
async function isBrotli(url: URL): Promise<boolean> {
  const { ok, headers } = await fetch(url, { method: "HEAD" });
  return ok && headers.get("content-encoding") === "br" &&
    headers.has("content-length") &&
    headers.get("content-type") === "application/wasm";
}
