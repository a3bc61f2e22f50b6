/** Runs a function in Vercel's `edge-runtime`, in Node.js: prints its answer. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [vm, code, wasm] = process.argv.slice(2);
const { EdgeVM } = (await import(pathToFileURL(vm).href)).default;
const bytes = readFileSync(wasm);
const edge = new EdgeVM({ extend: (scope) => Object.assign(scope, { bytes }) });
// As Vercel's builder does, before the function: of its own realm.
edge.evaluate(
  "OPENSSL = new WebAssembly.Module(bytes); delete WebAssembly.compile;",
);
edge.evaluate(readFileSync(code, "utf8"));
const response = await edge.dispatchFetch("https://function.example/");
console.log(await response.text());
