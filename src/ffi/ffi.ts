import type { Exports } from "./exports.ts";
import { HandleTable } from "./handle_table.ts";
import {
  type HostImport,
  type HostImports,
  isHostImport,
  isTrampoline,
  REFUSALS,
  type Trampoline,
  TRAMPOLINES,
} from "./host.ts";
import { Memory } from "./memory.ts";
import type { FnPtr } from "./pointers.ts";
import { TlsError } from "../internal/tls_error.ts";

/** What an instance asks of its host instead of an operating system. */
export interface Host {
  /** Fills `out` with random bytes, or throws. */
  entropy(out: Uint8Array): void;
  /** The time, in milliseconds since 1970-01-01 UTC. */
  clock(): number;
}

type ImportFunction = (...args: number[]) => number | void;

/**
 * One instance of the module, and the rules of its border:
 *
 * - no JavaScript exception crosses the wasm stack: what a callback throws is kept,
 *   C is told "no", and it is thrown when the outermost C call has returned;
 * - what a callback wants changed while OpenSSL holds a lock waits until then too;
 * - an instance that trapped is dead, and says so.
 *
 * @internal
 */
export class Ffi {
  /** The C functions. */
  readonly c: Exports;
  /** The linear memory. */
  readonly memory: Memory;
  /** The C objects that JavaScript knows. */
  readonly handles: HandleTable = new HandleTable();

  readonly #implementations: Partial<HostImports> = {};
  readonly #callbacks: Trampoline[] = [];
  #depth = 0;
  #settling = false;
  #failures: unknown[] = [];
  #deferred: (() => void)[] = [];
  #death: unknown;

  /** An isolated instance of `module`, started. */
  constructor(module: WebAssembly.Module, host: Host) {
    const { exports } = new WebAssembly.Instance(module, this.#imports(module));
    this.c = this.#guard(exports);
    this.memory = new Memory(this.c, () => this.#death !== undefined);
    this.#serve(host);
    this.c._initialize();
    if (this.c.sesame_init() !== 1) {
      throw new TlsError("configuration", "Cannot start OpenSSL");
    }
  }

  /** True in a callback: OpenSSL is on the stack and may hold a lock. */
  get inCallback(): boolean {
    return this.#depth > 0;
  }

  /** Gives a host import its meaning. */
  implement<Name extends HostImport>(
    name: Name,
    implementation: HostImports[Name],
  ): void {
    this.#implementations[name] = implementation;
  }

  /** The function pointer by which OpenSSL calls a host import. */
  trampoline(name: Trampoline): FnPtr {
    return this.c.sesame_trampoline(
      TRAMPOLINES.indexOf(name),
    ) as number as FnPtr;
  }

  /** Runs `action` now or, in a callback, when the outermost C call has returned. */
  defer(action: () => void): void {
    if (this.inCallback) this.#deferred.push(action);
    else action();
  }

  /** Refuses a call that would run a connection on top of another one's stack. */
  assertOutermost(name: string): void {
    if (this.inCallback) {
      throw new TlsError(
        "reentrant-call",
        `Cannot call ${name} in a callback: call it after the function that called back has returned`,
      );
    }
  }

  /** Refuses a call in callbacks other than these, amid which C can't bear it. */
  assertCallback(name: string, allowed: readonly Trampoline[]): void {
    const callback = this.#callbacks.at(-1);
    if (callback !== undefined && !allowed.includes(callback)) {
      throw new TlsError(
        "reentrant-call",
        `Cannot call ${name} in the ${callback} callback, only in ${
          allowed.join(" and ")
        }`,
      );
    }
  }

  /**
   * Acquires something by `acquire`, which calls `name`; if that ends in a callback's
   * exception, gives it back by `free` before the exception is thrown.
   */
  acquire<P extends number>(
    name: string,
    acquire: () => P,
    free: (ptr: P) => void,
  ): P {
    let ptr = 0 as P;
    try {
      return this.#enter(name, () => ptr = acquire());
    } catch (error) {
      if (ptr !== 0 && this.#death === undefined) free(ptr);
      throw error;
    }
  }

  #serve({ entropy, clock }: Host): void {
    this.implement("clock", () => {
      const now = clock();
      if (Number.isFinite(now)) return now;
      throw new TypeError(
        `The instance's clock must give milliseconds, received ${now}`,
      );
    });
    this.implement("entropy", (out, length) => {
      const bytes = new Uint8Array(length);
      try {
        entropy(bytes);
      } catch (cause) {
        // OpenSSL asks again, in the same call: it is one failure.
        if (this.#failures.some(isNoEntropy)) return 0;
        throw new TlsError(
          "no-entropy",
          "Cannot draw random bytes: the instance's entropy source failed. In the global scope of a Worker there is none: make contexts in a handler",
          { cause },
        );
      }
      this.memory.write(out, bytes);
      bytes.fill(0);
      return 1;
    });
    this.implement("object_freed", (object) => this.handles.freed(object));
  }

  /**
   * What the module asks for, under whatever name it asks: bundlers and registries
   * rewrite those of modules.
   */
  #imports(module: WebAssembly.Module): WebAssembly.Imports {
    const imports: Record<string, WebAssembly.ModuleImports> = {};
    for (const asked of WebAssembly.Module.imports(module)) {
      const { module: from, name, kind } = asked;
      if (kind !== "function" || !isHostImport(name)) {
        throw new TlsError(
          "configuration",
          `Cannot instantiate the WebAssembly module: it imports the ${kind} "${name}" of "${from}", which is not one of this version of Sesame`,
        );
      }
      (imports[from] ??= {})[name] = this.#importOf(name);
    }
    return imports;
  }

  /** A host import: it keeps exceptions off the wasm stack. */
  #importOf(name: HostImport): ImportFunction {
    if (!isTrampoline(name)) return (...args) => this.#answer(name, args);
    return (...args) => {
      this.#callbacks.push(name);
      try {
        return this.#keepingErrors(() => this.#answer(name, args));
      } finally {
        this.#callbacks.pop();
      }
    };
  }

  #answer(name: HostImport, args: number[]): number {
    const result = this.#resultOf(name, args);
    // What crashed in there must not run on: there is no stack to restore.
    if (this.#death !== undefined) throw this.#death;
    return result;
  }

  #resultOf(name: HostImport, args: number[]): number {
    const implementation = this.#implementations[name] as
      | ImportFunction
      | undefined;
    const refusal = Object.hasOwn(REFUSALS, name) ? REFUSALS[name] ?? 0 : 0;
    try {
      const result = implementation?.(...args) ?? refusal;
      // Converting anything else could throw, and on the wasm stack.
      if (typeof result === "number") return result;
      throw new TypeError(
        `The ${name} callback must return a number, received ${typeof result}`,
      );
    } catch (error) {
      this.#failures.push(error);
      return refusal;
    }
  }

  /**
   * Runs JavaScript amid C with OpenSSL's error queue as it was afterwards: an
   * error that was left in it would make `SSL_get_error` blame the connection.
   */
  #keepingErrors<T>(action: () => T): T {
    this.c.ERR_set_mark();
    try {
      return action();
    } finally {
      if (this.#death === undefined) this.c.ERR_pop_to_mark();
    }
  }

  /** The exports, each through {@linkcode Ffi.#enter}. */
  #guard(exports: WebAssembly.Exports): Exports {
    const guarded: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(exports)) {
      guarded[name] = typeof value === "function"
        ? (...args: unknown[]) => this.#enter(name, () => value(...args))
        : value;
    }
    return guarded as unknown as Exports;
  }

  #enter<T>(name: string, call: () => T): T {
    if (this.#death !== undefined) {
      throw new TlsError(
        "instance-dead",
        `Cannot call ${name}: this OpenSSL instance has crashed; make a new one`,
        { cause: this.#death },
      );
    }
    this.#depth++;
    let result: T;
    try {
      result = call();
    } catch (cause) {
      if (!isCrash(cause)) throw cause;
      this.#death ??= cause;
      throw new TlsError(
        "instance-dead",
        `OpenSSL crashed in ${name}: this instance can't be used any more`,
        { cause },
      );
    } finally {
      this.#depth--;
    }
    if (this.#depth === 0) this.#settle();
    return result;
  }

  /** The outermost call is over: does what was put off, throws what was kept. */
  #settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    try {
      for (
        let action = this.#deferred.shift();
        action;
        action = this.#deferred.shift()
      ) {
        try {
          this.#keepingErrors(action);
        } catch (error) {
          this.#failures.push(error);
        }
      }
    } finally {
      this.#settling = false;
    }
    if (this.#failures.length === 0) return;
    const failures = this.#failures;
    this.#failures = [];
    throw failures.length === 1
      ? failures[0]
      : new AggregateError(failures, "Several callbacks threw");
  }
}

/** Whether wasm code was left in the middle; a bad argument never enters it. */
function isCrash(error: unknown): boolean {
  return !(error instanceof TypeError || error instanceof SyntaxError ||
    error instanceof TlsError);
}

function isNoEntropy(error: unknown): boolean {
  return error instanceof TlsError && error.code === "no-entropy";
}
