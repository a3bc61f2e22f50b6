import { TlsError } from "../internal/tls_error.ts";
import type { CallGuard } from "./call_guard.ts";
import {
  type CallbackName,
  type HostImport,
  type HostImports,
  isCallback,
  isHostImport,
  refusalOf,
} from "./host_imports.ts";

/** A host import: a fixed number of parameters, as many as the one with the most has. */
type ImportFunction = (
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
) => number | void;

/**
 * The calls from C to JavaScript. No exception crosses the wasm stack: the guard keeps it,
 * and C gets the answer that means failure.
 */
export class HostCalls {
  readonly #guard: CallGuard;
  readonly #implementations = new Map<HostImport, Implementation>();
  readonly #callbacks: CallbackName[] = [];

  /** Calls whose exceptions `guard` keeps. */
  constructor(guard: CallGuard) {
    this.#guard = guard;
  }

  /** The callback that is running, the innermost one; `undefined` outside of callbacks. */
  get callback(): CallbackName | undefined {
    return this.#callbacks.at(-1);
  }

  /** Sets the implementation of a host import. */
  implement<Name extends HostImport>(
    name: Name,
    implementation: HostImports[Name],
  ): void {
    this.#implementationOf(name).call = implementation as ImportFunction;
  }

  /**
   * The imports of `module`, by whatever name it imports them from: bundlers and
   * registries rewrite those of modules.
   *
   * @throws {TlsError} `configuration`, if it imports anything else.
   */
  importsOf(module: WebAssembly.Module): WebAssembly.Imports {
    const imports: Record<string, WebAssembly.ModuleImports> = {};
    for (const asked of WebAssembly.Module.imports(module)) {
      const { module: from, name, kind } = asked;
      if (kind !== "function" || !isHostImport(name)) {
        throw new TlsError(
          "configuration",
          `Cannot instantiate the WebAssembly module: it imports the ${kind} "${name}" of "${from}", which is not one of this version of Sesame`,
        );
      }
      (imports[from] ??= {})[name] = isCallback(name)
        ? this.#callback(name)
        : this.#import(name);
    }
    return imports;
  }

  #callback(name: CallbackName): ImportFunction {
    const call = this.#import(name);
    return (a, b, c, d, e, f) => {
      this.#callbacks.push(name);
      try {
        return call(a, b, c, d, e, f);
      } finally {
        this.#callbacks.pop();
      }
    };
  }

  #import(name: HostImport): ImportFunction {
    const refusal = refusalOf(name);
    const implementation = this.#implementationOf(name);
    return (a, b, c, d, e, f) => {
      let answer = refusal;
      try {
        answer = numberOf(
          name,
          implementation.call?.(a, b, c, d, e, f) ?? refusal,
        );
      } catch (error) {
        this.#guard.keep(error);
      }
      // What crashed in there must not run on: there is no stack to restore.
      this.#guard.assertAlive();
      return answer;
    };
  }

  #implementationOf(name: HostImport): Implementation {
    const known = this.#implementations.get(name);
    if (known) return known;
    const implementation = { call: undefined };
    this.#implementations.set(name, implementation);
    return implementation;
  }
}

/** What a host import does: each import has its own, so that no call looks a name up. */
interface Implementation {
  call: ImportFunction | undefined;
}

/** The answer of a callback: converting another value could throw, and on the wasm stack. */
function numberOf(name: HostImport, answer: number): number {
  if (typeof answer === "number") return answer;
  throw new TypeError(
    `The ${name} callback must return a number, received ${typeof answer}`,
  );
}
