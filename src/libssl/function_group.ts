import type { Exports } from "../ffi/exports.ts";
import type { Ffi } from "../ffi/ffi.ts";
import type { Handle } from "../ffi/handle_table.ts";
import type { Trampoline } from "../ffi/host_imports.ts";
import type { Memory } from "../ffi/memory.ts";
import { type Address, type FnPtr, NULL, type Ptr } from "../ffi/pointers.ts";
import { bytes, callback } from "./arguments.ts";

/** The type of any callback. */
export type AnyCallback = (...args: never[]) => unknown;

/** Attached to a context that is being freed: its reference count is 0. */
const BEING_FREED = "being freed";

/**
 * A group of OpenSSL's functions for one instance of the module. The public methods of its
 * classes are the functions of `Libssl`.
 *
 * @internal
 */
export abstract class FunctionGroup {
  protected readonly ffi: Ffi;

  /** Creates the functions of this group for the instance of `ffi`. */
  constructor(ffi: Ffi) {
    this.ffi = ffi;
  }

  protected get c(): Exports {
    return this.ffi.c;
  }

  protected get memory(): Memory {
    return this.ffi.memory;
  }

  /** The pointer of a live handle. */
  protected ptr<Kind extends string>(
    handle: Handle<Kind>,
    kind: Kind,
  ): Ptr<Kind> {
    return this.ffi.handles.ptr(handle, kind);
  }

  /** The result of `SSL_CTX_ctrl`, which has commands for what has no function of its own. */
  protected contextCtrl(
    ctx: Handle<"SSL_CTX">,
    command: number,
    value = 0,
  ): number {
    return this.c.SSL_CTX_ctrl(this.ptr(ctx, "SSL_CTX"), command, value, NULL);
  }

  /** Runs `read` (C's `d2i_*`) over `der`. */
  protected fromDer<T>(
    der: Uint8Array,
    read: (cursor: Address, length: number) => T,
  ): T {
    return this.memory.withBytes(
      bytes(der, "der"),
      (data, length) =>
        this.memory.withWords(1, (cursor) => {
          this.memory.writeWord(cursor, data);
          return read(cursor, length);
        }),
    );
  }

  /** What `write` (C's `i2d_*`) writes: into memory that it allocates for that. */
  protected toDer(
    write: (cursor: Address) => number,
  ): Uint8Array<ArrayBuffer> | null {
    return this.memory.withWords(1, (cursor) => {
      const size = write(cursor);
      if (size <= 0) return null;
      const data = this.memory.readWord(cursor) as Address;
      const der = this.memory.read(data, size);
      this.c.CRYPTO_free(data, NULL, 0);
      return der;
    });
  }

  /** Gives OpenSSL `trampoline` for `closure`, or `NULL` for `null`. */
  protected setCallback(
    object: Handle,
    name: Trampoline,
    closure: AnyCallback | null,
    set: (trampoline: FnPtr) => void,
  ): void {
    const attached = this.ffi.handles.attached(object);
    callback(closure, "callback");
    set(closure === null ? NULL : this.ffi.trampoline(name));
    if (closure === null) attached.delete(name);
    else attached.set(name, closure);
  }

  /** Sets a callback by `SSL_CTX_callback_ctrl`, with the context as its `arg`. Returns 1. */
  protected setCtrlCallback(
    ctx: Handle<"SSL_CTX">,
    name: Trampoline,
    closure: AnyCallback | null,
    command: number,
    argument: number,
  ): number {
    const ptr = this.ptr(ctx, "SSL_CTX");
    this.setCallback(ctx, name, closure, (trampoline) => {
      this.c.SSL_CTX_callback_ctrl(ptr, command, trampoline);
      this.c.SSL_CTX_ctrl(ptr, argument, 0, asArgument(ptr));
    });
    return 1;
  }

  /** The callback that was set on the SSL or SSL_CTX at `object`. */
  protected callbackOf<F extends AnyCallback>(
    object: Ptr<"SSL"> | Ptr<"SSL_CTX">,
    name: Trampoline,
  ): F | undefined {
    return this.ffi.handles.attachedAt(object)?.get(name) as F | undefined;
  }

  /** Remembers the context that `ssl` was made from, and takes over what C copies. */
  protected inherit(ssl: SSLHandle, ctx: Handle<"SSL_CTX">): void {
    const { handles } = this.ffi;
    const ptr = this.ptr(ctx, "SSL_CTX");
    handles.setOrigin(ssl, ptr);
    const from = handles.attachedAt(ptr);
    if (!from) return;
    for (const name of COPIED_BY_SSL_NEW) {
      const closure = from.get(name);
      if (closure) handles.attached(ssl).set(name, closure);
    }
  }

  /** Whether a callback of `ctx` is found by way of the connections that were made from it. */
  protected isFoundByConnection(ctx: Handle<"SSL_CTX">): boolean {
    const from = this.ffi.handles.attached(ctx);
    return from.size > 0 && FOUND_BY_CONNECTION.some((name) => from.has(name));
  }

  /** The context whose session callbacks serve `ssl`. */
  protected initialContext(ssl: Ptr<"SSL">): Ptr<"SSL_CTX"> {
    return this.ffi.handles.originAt(ssl);
  }

  /**
   * Takes a reference to a context. Returns false if it is being freed, as its remove callback
   * may see it.
   */
  protected keepContext(ctx: Ptr<"SSL_CTX">): boolean {
    const attached = this.ffi.handles.attachedAt(ctx);
    if (attached?.has(BEING_FREED)) return false;
    // SSL_CTX_up_ref fails if the count was 0.
    const kept = this.c.SSL_CTX_up_ref(ctx) === 1;
    if (!kept) attached?.set(BEING_FREED, true);
    return kept;
  }

  /** The live handle of a pointer that C passes to a callback. */
  protected passed<Kind extends string>(
    kind: Kind,
    ptr: Ptr<Kind>,
  ): Handle<Kind> {
    return this.ffi.handles.borrow(kind, ptr) as Handle<Kind>;
  }
}

type SSLHandle = Handle<"SSL">;

/** Callbacks that SSL_new copies: what the context gets later changes nothing. */
const COPIED_BY_SSL_NEW: readonly Trampoline[] = [
  "verify",
  "message",
  "generate_session_id",
  "psk_client",
  "psk_server",
  "allow_early_data",
];

/** Callbacks that OpenSSL asks of the context that a connection was made from. */
const OF_INITIAL_CONTEXT: readonly Trampoline[] = [
  "new_session",
  "get_session",
  "ticket_key",
];

const FOUND_BY_CONNECTION = [...COPIED_BY_SSL_NEW, ...OF_INITIAL_CONTEXT];

/** A context as C's `void *arg` of a callback that was set on it. */
export function asArgument(ctx: Ptr<"SSL_CTX">): Address {
  return ctx as number as Address;
}
