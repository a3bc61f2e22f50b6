// Node.js: the file beside this one, without an await, so that require() takes the package.
import { readFileSync } from "node:fs";

export const module = new WebAssembly.Module(
  readFileSync(new URL("./openssl.wasm", import.meta.url)),
);
