/** What primitives.c and timing.c export, out of a module that `./build.sh --bench` linked. */

import { readFile } from "node:fs/promises";
import type { Repeat } from "./primitives.mjs";

type Export = (...args: number[]) => number;

export class BenchModule {
  readonly memory: WebAssembly.Memory;
  readonly #exports: Record<string, Export>;

  private constructor({ exports }: WebAssembly.Instance) {
    this.memory = exports.memory as WebAssembly.Memory;
    this.#exports = exports as Record<string, Export>;
    this.get("_initialize")();
  }

  static async load(path: string): Promise<BenchModule> {
    const bytes = await readFile(path) as Uint8Array<ArrayBuffer>;
    const module = await WebAssembly.compile(bytes);
    const host: Record<string, WebAssembly.ImportValue> = {};
    const imports: WebAssembly.Imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      host[name] = () => {
        throw new Error(`The benchmark's module called ${name}`);
      };
      imports[from] = host;
    }
    const instance = await WebAssembly.instantiate(module, imports);
    const memory = instance.exports.memory as WebAssembly.Memory;
    return new BenchModule(instance);
  }

  get(name: string): Export {
    const found = this.#exports[name];
    if (!found) throw new Error(`The benchmark's module has no ${name}`);
    return found;
  }
}
