import { TlsError } from "../internal/tls_error.ts";
import { CallGuard, type WasmFunction } from "./call_guard.ts";
import type { Exports } from "./exports.ts";
import { HandleCounts } from "./handle_counts.ts";
import { HandleTable } from "./handle_table.ts";
import { HostCalls } from "./host_calls.ts";
import {
  type CallbackName,
  type HostImport,
  type HostImports,
  type Trampoline,
  TRAMPOLINES,
} from "./host_imports.ts";
import { Memory } from "./memory.ts";
import type { FnPtr } from "./pointers.ts";

/** What an instance needs of an operating system, provided by its host. */
export interface Host {
  /** Fills `out` with random bytes, or throws. */
  entropy(out: Uint8Array): void;
  /** The time, in milliseconds since 1970-01-01 UTC. */
  clock(): number;
}

/**
 * An instance of the module, and the rules for calls into and out of it:
 *
 * - No JavaScript exception crosses the wasm stack. What a callback throws is kept, C gets
 *   the answer that means failure, and it is thrown when the outermost C call has returned.
 * - Changes that a callback asks for while OpenSSL may hold a lock are deferred until then.
 * - An instance that has trapped is dead: every later call throws a `TlsError`.
 *
 * @internal
 */
export class Ffi {
  /** The C functions. */
  readonly c: Exports;
  /** The linear memory. */
  readonly memory: Memory;
  /** The C objects that JavaScript knows. */
  readonly handles: HandleTable;

  readonly #guard: CallGuard;
  readonly #hostCalls: HostCalls;

  /** An isolated instance of `module`, which is started: its memory is a snapshot (wasm/snapshot.c). */
  constructor(module: WebAssembly.Module, host: Host) {
    this.#guard = new CallGuard({
      keepingErrors: (action) => this.#keepingErrors(action),
      forgetTime: () => this.memory.writeDouble(time, 0),
    });
    this.#hostCalls = new HostCalls(this.#guard);
    const imports = this.#hostCalls.importsOf(module);
    this.c = this.#guarded(new WebAssembly.Instance(module, imports).exports);
    this.memory = new Memory(this.c, () => this.#guard.isDead);
    this.#serve(host);
    const time = this.c.sesame_time();
    this.handles = new HandleTable(
      new HandleCounts(this.memory, this.c.sesame_handle_counts()),
    );
    this.memory.start();
  }

  /** True in a callback, when OpenSSL is on the stack and may hold a lock. */
  get inCallback(): boolean {
    return this.#guard.isInside;
  }

  /** Sets the implementation of a host import. */
  implement<Name extends HostImport>(
    name: Name,
    implementation: HostImports[Name],
  ): void {
    this.#hostCalls.implement(name, implementation);
  }

  /** The function pointer by which OpenSSL calls a host import. */
  trampoline(name: Trampoline): FnPtr {
    return this.c.sesame_trampoline(
      TRAMPOLINES.indexOf(name),
    ) as number as FnPtr;
  }

  /** Runs `action` now or, in a callback, when the outermost C call has returned. */
  defer(action: () => void): void {
    this.#guard.defer(action);
  }

  /** Throws in a callback, for calls that would run a connection on top of another one's stack. */
  assertOutermost(name: string): void {
    if (this.inCallback) {
      throw new TlsError(
        "reentrant-call",
        `Cannot call ${name} in a callback: call it after the function that called back has returned`,
      );
    }
  }

  /** Throws in callbacks other than `allowed`, in which C can't be called so. */
  assertCallback(name: string, allowed: readonly CallbackName[]): void {
    const { callback } = this.#hostCalls;
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
   * The object that `make` creates. If the call ends in a callback's exception, `free` frees
   * the object before the exception is thrown.
   */
  acquire<P extends number>(make: () => P, free: (ptr: P) => void): P {
    let ptr = 0 as P;
    try {
      return this.#guard.run(() => ptr = make());
    } catch (error) {
      if (ptr !== 0 && !this.#guard.isDead) free(ptr);
      throw error;
    }
  }

  #serve({ entropy, clock }: Host): void {
    this.implement("clock", () => {
      const now = clock();
      if (!Number.isFinite(now)) {
        throw new TypeError(
          `The instance's clock must give milliseconds, received ${now}`,
        );
      }
      this.#guard.noteTime();
      return now;
    });
    this.implement("entropy", (out, length) => {
      const bytes = new Uint8Array(length);
      try {
        entropy(bytes);
      } catch (cause) {
        // OpenSSL asks again, in the same call: it is one failure.
        if (this.#guard.failures.some(isNoEntropy)) return 0;
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

  /** The exports, whose functions are guarded. */
  #guarded(exports: WebAssembly.Exports): Exports {
    const guarded: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(exports)) {
      guarded[name] = typeof value === "function"
        ? this.#guard.guarded(name, value as WasmFunction)
        : value;
    }
    return guarded as unknown as Exports;
  }

  #keepingErrors(action: () => void): void {
    this.c.ERR_set_mark();
    try {
      action();
    } finally {
      if (!this.#guard.isDead) this.c.ERR_pop_to_mark();
    }
  }
}

function isNoEntropy(error: unknown): boolean {
  return error instanceof TlsError && error.code === "no-entropy";
}
