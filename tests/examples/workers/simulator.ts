/**
 * Serves what Wrangler made of an example in Cloudflare's simulator, in Node.js, until its
 * standard input ends. Its argument is JSON; the first line that it prints is its address.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/** What it serves. */
export interface SimulatorSettings {
  /** Where the simulator is installed. */
  readonly miniflare: string;
  /** The folder that has the worker's files. */
  readonly folder: string;
  /** Wrangler's configuration of the worker. */
  readonly config: WranglerConfig;
  /** Variables and secrets, besides those of the configuration. */
  readonly bindings: Readonly<Record<string, string>>;
  /** Where Durable Objects outlive the simulator. */
  readonly objects: string;
}

/** What of Wrangler's configuration the simulator is told. */
export interface WranglerConfig {
  readonly compatibility_date: string;
  readonly compatibility_flags?: readonly string[];
  readonly vars?: Readonly<Record<string, string>>;
  readonly durable_objects?: {
    readonly bindings: readonly { name: string; class_name: string }[];
  };
}

const { miniflare, folder, config, bindings, objects }: SimulatorSettings = JSON
  .parse(process.argv[2] ?? "");
const { Miniflare } = await import(pathToFileURL(miniflare).href);
const wasm = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
const simulator = new Miniflare({
  modulesRoot: folder,
  modules: [
    { type: "ESModule", path: join(folder, "worker.js") },
    ...wasm.map((name) => ({
      type: "CompiledWasm",
      path: join(folder, name),
      contents: readFileSync(join(folder, name)),
    })),
  ],
  compatibilityDate: config.compatibility_date,
  compatibilityFlags: config.compatibility_flags ?? [],
  bindings: { ...config.vars, ...bindings },
  durableObjects: Object.fromEntries(
    (config.durable_objects?.bindings ?? []).map((
      { name, class_name },
    ) => [name, { className: class_name, useSQLite: true }]),
  ),
  durableObjectsPersist: objects,
});
console.log(String(await simulator.ready));
process.stdin.resume();
process.stdin.once("end", () => simulator.dispose());
