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
  const { Instance } = WebAssembly;
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, [module, imports]): WebAssembly.Instance {
      const instance = new target(
        module,
        mapped(imports, (host) => wrapped(host, "<", note)),
      );
      return { exports: wrapped(instance.exports, ">", note) };
    },
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
