/** Counts the calls over a WebAssembly instance's border, both ways, as an outsider could. */
import { OpenSSL } from "../../src/libssl/mod.ts";

/** What an instance calls and is called, by name. */
export class Crossings {
  /** The names, in order: with `>` into the module, with `<` out of it. */
  readonly calls: string[] = [];

  /** An OpenSSL whose calls are counted from here. */
  readonly openssl: OpenSSL = this.#counted();

  /** How often the border is crossed during `action`. */
  async during(action: () => Promise<void>): Promise<string[]> {
    this.calls.length = 0;
    await action();
    return this.calls.slice();
  }

  #counted(): OpenSSL {
    return noting(() => new OpenSSL(), (call) => void this.calls.push(call));
  }
}

/** Has `note` called for each crossing of the instances that `make` makes. */
export function noting<T>(make: () => T, note: (call: string) => void): T {
  return instantiating(make, (instantiate, imports) => {
    const exports = instantiate(
      mapped(imports, (host) => wrapped(host, "<", note)),
    );
    return wrapped(exports, ">", note);
  });
}

/** What `make` makes, and the memory of the instance that it makes for that. */
export function withMemory<T>(make: () => T): [T, WebAssembly.Memory] {
  const memories: WebAssembly.Memory[] = [];
  const made = instantiating(make, (instantiate, imports) => {
    const exports = instantiate(imports);
    memories.push(exports.memory as WebAssembly.Memory);
    return exports;
  });
  const [memory] = memories;
  if (memory === undefined) throw new TypeError("There is no instance");
  return [made, memory];
}

function instantiating<T>(
  make: () => T,
  exportsOf: (
    instantiate: (imports: WebAssembly.Imports) => WebAssembly.Exports,
    imports: WebAssembly.Imports,
  ) => WebAssembly.Exports,
): T {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = new Proxy(Instance, {
    construct: (target, [module, imports]): WebAssembly.Instance => ({
      exports: exportsOf(
        (imports) => new target(module, imports).exports,
        imports,
      ),
    }),
  });
  try {
    return make();
  } finally {
    WebAssembly.Instance = Instance;
  }
}

function wrapped<T extends object>(
  functions: T,
  direction: string,
  note: (call: string) => void,
): T {
  return mapped(
    functions,
    (value, name) =>
      typeof value === "function"
        ? (...args: unknown[]) => {
          note(direction + name);
          return value(...args);
        }
        : value,
  );
}

function mapped<T extends object>(
  object: T,
  // deno-lint-ignore no-explicit-any
  change: (value: any, name: string) => unknown,
): T {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, change(value, name)]),
  ) as T;
}
