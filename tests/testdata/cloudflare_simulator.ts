/**
 * Serves a worker in Cloudflare's simulator until its standard input ends, in
 * Node.js. Its argument is JSON; the first line that it prints is its address.
 *
 * @module
 */
import process from "node:process";
import { pathToFileURL } from "node:url";

interface Settings {
  /** Where the simulator is installed. */
  readonly miniflare: string;
  /** The worker, in one file, and the module that it imports. */
  readonly worker: string;
  readonly wasm: string;
  /** Where what is stored outlives the simulator. */
  readonly folder: string;
}

const { miniflare, worker, wasm, folder }: Settings = JSON.parse(
  process.argv[2] ?? "",
);
const { Miniflare } = await import(pathToFileURL(miniflare).href);
const simulator = new Miniflare({
  modulesRoot: folder,
  modules: [
    { type: "ESModule", path: worker },
    { type: "CompiledWasm", path: wasm },
  ],
  compatibilityDate: "2026-07-30",
  kvNamespaces: ["KV"],
  durableObjects: {
    SESSIONS: { className: "SessionObject", useSQLite: true },
  },
  kvPersist: `${folder}/kv`,
  durableObjectsPersist: `${folder}/objects`,
});
console.log(String(await simulator.ready));
process.stdin.resume();
process.stdin.once("end", () => simulator.dispose());
