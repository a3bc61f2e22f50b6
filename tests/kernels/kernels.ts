/** What wasm/kernels/testing*.c export, over memory that is set up anew for each call. */

type Export = (...args: number[]) => number;

/** One check: throws when it fails. */
export type Check = (kernels: Kernels, folder: string) => void | Promise<void>;

/** An argument: a number, bytes that are copied into the module, or what {@link out} made. */
export type Argument = number | Uint8Array | Out;

/** Bytes that a function writes, over those that are there. */
export interface Out {
  bytes: Uint8Array;
}

const ROOM = 1 << 18;
const GUARD = 0xa5;
const GAP = 16;

export class Kernels {
  readonly #exports: Record<string, Export>;
  readonly #memory: WebAssembly.Memory;
  readonly #at: number;

  private constructor(exports: WebAssembly.Exports) {
    this.#exports = exports as Record<string, Export>;
    this.#memory = exports.memory as WebAssembly.Memory;
    (exports._initialize as Export)();
    this.#at = (exports.allocate as Export)(ROOM);
  }

  static async load(path: string): Promise<Kernels> {
    const module = await WebAssembly.compile(await Deno.readFile(path));
    const imports: WebAssembly.Imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      const refuse = () => {
        throw new Error(`A kernel called ${from}'s ${name}`);
      };
      (imports[from] ??= {})[name] = refuse;
    }
    return new Kernels(
      (await WebAssembly.instantiate(module, imports)).exports,
    );
  }

  /**
   * Calls a function with bytes at addresses that are `unaligned` more than a multiple of 16.
   * The same {@link Out} twice is the same address twice: in place.
   */
  call(name: string, args: Argument[], unaligned = 0): number {
    const found = this.#exports[name];
    if (!found) throw new Error(`The module has no ${name}`);
    const memory = new Uint8Array(this.#memory.buffer, this.#at, ROOM);
    const places = new Map<Argument, number>();
    let next = unaligned + GAP;
    for (const arg of args) {
      if (typeof arg === "number" || places.has(arg)) continue;
      const bytes = "bytes" in arg ? arg.bytes : arg;
      memory.fill(GUARD, next - GAP, next + bytes.length + GAP);
      memory.set(bytes, next);
      places.set(arg, next);
      next += bytes.length + GAP;
      next += (GAP - next % GAP) % GAP + unaligned;
    }
    const numbers = args.map((arg) =>
      typeof arg === "number" ? arg : this.#at + (places.get(arg) ?? 0)
    );
    const result = found(...numbers);
    for (const [arg, place] of places) {
      const bytes = (arg as Out).bytes;
      if (bytes) this.#take(name, memory, place, bytes);
    }
    return result;
  }

  #take(name: string, memory: Uint8Array, at: number, bytes: Uint8Array): void {
    const end = at + bytes.length;
    bytes.set(memory.subarray(at, end));
    const around = [
      memory.subarray(at - GAP, at),
      memory.subarray(end, end + GAP),
    ];
    if (around.some((guard) => guard.some((byte) => byte !== GUARD))) {
      throw new Error(
        `${name} wrote beyond the ${bytes.length} bytes that it was given`,
      );
    }
  }
}

export function out(bytes: number | Uint8Array): Out {
  return {
    bytes: typeof bytes === "number" ? new Uint8Array(bytes) : bytes.slice(),
  };
}

/** A C string. */
export function text(value: string): Uint8Array {
  return new TextEncoder().encode(`${value}\0`);
}
