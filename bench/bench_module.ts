/**
 * A module that `./build.sh --bench` linked of primitives.c and timing.c, over OpenSSL.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import type { Repeat } from "./primitives.mjs";

type Export = (...args: number[]) => number;

/** What the C functions are called by. */
export class BenchModule {
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Record<string, Export>;

  private constructor(exports: WebAssembly.Exports) {
    this.#memory = exports.memory as WebAssembly.Memory;
    this.#exports = exports as Record<string, Export>;
    this.function("_initialize")();
  }

  /** Of the host it needs entropy and the clock. */
  static async load(path: string): Promise<BenchModule> {
    const bytes = await readFile(path) as Uint8Array<ArrayBuffer>;
    const module = await WebAssembly.compile(bytes);
    const host: Record<string, Export> = {
      clock: () => Date.now(),
      entropy: (at = 0, length = 0) => {
        const { buffer } = instance.exports.memory as WebAssembly.Memory;
        crypto.getRandomValues(new Uint8Array(buffer, at, length));
        return 1;
      },
    };
    for (const { name } of WebAssembly.Module.imports(module)) {
      host[name] ??= () => {
        throw new Error(`The benchmark's module called ${name}`);
      };
    }
    const imports = { "sesame:host": host };
    const instance = await WebAssembly.instantiate(module, imports);
    return new BenchModule(instance.exports);
  }

  /** A function that the module exports. */
  function(name: string): Export {
    const found = this.#exports[name];
    if (!found) throw new Error(`The benchmark's module has no ${name}`);
    return found;
  }

  /** The module's memory from an address on. */
  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length);
  }

  /** Prepares a primitive, by its name in primitives.c. */
  primitive(name: string): Repeat {
    const index = this.#names().indexOf(name);
    const run = this.function("primitive_run");
    if (!this.function("primitive_prepare")(index)) {
      throw new Error(`OpenSSL cannot prepare ${name}`);
    }
    return (times) => {
      if (!run(index, times)) throw new Error(`OpenSSL cannot do ${name}`);
    };
  }

  #names(): string[] {
    const names: string[] = [];
    for (;;) {
      const at = this.function("primitive_name")(names.length);
      if (at === 0) return names;
      const bytes = new Uint8Array(this.#memory.buffer, at);
      const end = bytes.indexOf(0);
      names.push(new TextDecoder().decode(bytes.subarray(0, end)));
    }
  }
}
