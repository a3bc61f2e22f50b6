// Node.js and Bun: the file beside this one, which a bundle of theirs doesn't have.
import { readFile } from "node:fs/promises";

export const module = await load();

async function load() {
  let bytes;
  try {
    bytes = await readFile(new URL("./openssl.wasm", import.meta.url));
  } catch {
    return (await import("./embedded.js")).module;
  }
  return await WebAssembly.compile(bytes);
}
