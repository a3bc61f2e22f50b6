import type { Ptr } from "../ffi/pointers.ts";
import { bits, bytes, int, uint } from "./arguments.ts";
import { FunctionGroup } from "./function_group.ts";
import { SSL_CTRL } from "./ctrl.ts";
import type { SSL_CTX, SSL_METHOD } from "./handles.ts";

const SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 2;

/** Contexts: making and freeing them, and the options that their connections have in common. */
export class ContextFunctions extends FunctionGroup {
  /** Any version, either role. */
  TLS_method(): SSL_METHOD {
    return this.#method(this.c.TLS_method());
  }

  /** Any version, as a client. */
  TLS_client_method(): SSL_METHOD {
    return this.#method(this.c.TLS_client_method());
  }

  /** Any version, as a server. */
  TLS_server_method(): SSL_METHOD {
    return this.#method(this.c.TLS_server_method());
  }

  /**
   * A new context, owned; `null` on failure. `SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER`
   * is set, since JavaScript can't keep a buffer where it was.
   */
  SSL_CTX_new(method: SSL_METHOD): SSL_CTX | null {
    const methodPtr = this.ptr(method, "SSL_METHOD");
    const ptr = this.ffi.acquire(
      () => this.c.SSL_CTX_new(methodPtr),
      (ptr) => this.c.SSL_CTX_free(ptr),
    );
    const ctx = this.ffi.handles.own("SSL_CTX", ptr);
    if (ctx) this.SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return ctx;
  }

  /** Takes one more reference, owned: 1, or 0 if the context is being freed. */
  SSL_CTX_up_ref(ctx: SSL_CTX): number {
    if (!this.keepContext(this.#ptr(ctx))) return 0;
    this.ffi.handles.retain(ctx, "SSL_CTX");
    return 1;
  }

  /**
   * Gives back an owned reference. With the last one, connections' included, the
   * remove callback is called for every session of the internal cache, and the
   * callbacks are let go.
   */
  SSL_CTX_free(ctx: SSL_CTX | null): void {
    if (ctx === null) return;
    const ptr = this.ffi.handles.release(ctx, "SSL_CTX");
    this.ffi.defer(() => this.c.SSL_CTX_free(ptr));
  }

  /** Adds `SSL_OP_*` bits: all that are set now. */
  SSL_CTX_set_options(ctx: SSL_CTX, op: bigint): bigint {
    return BigInt.asUintN(
      64,
      this.c.SSL_CTX_set_options(this.#ptr(ctx), bits(op, "op")),
    );
  }

  /** Takes away `SSL_OP_*` bits: all that are set now. */
  SSL_CTX_clear_options(ctx: SSL_CTX, op: bigint): bigint {
    return BigInt.asUintN(
      64,
      this.c.SSL_CTX_clear_options(this.#ptr(ctx), bits(op, "op")),
    );
  }

  /** The `SSL_OP_*` bits that are set. */
  SSL_CTX_get_options(ctx: SSL_CTX): bigint {
    return BigInt.asUintN(64, this.c.SSL_CTX_get_options(this.#ptr(ctx)));
  }

  /** Adds `SSL_MODE_*` bits: all that are set now. */
  SSL_CTX_set_mode(ctx: SSL_CTX, mode: number): number {
    return this.contextCtrl(ctx, SSL_CTRL.MODE, uint(mode, "mode"));
  }

  /** Takes away `SSL_MODE_*` bits: all that are set now. */
  SSL_CTX_clear_mode(ctx: SSL_CTX, mode: number): number {
    return this.contextCtrl(ctx, SSL_CTRL.CLEAR_MODE, uint(mode, "mode"));
  }

  /** Sets the lowest version, such as `TLS1_2_VERSION`; 0: the lowest there is. 1 or 0. */
  SSL_CTX_set_min_proto_version(ctx: SSL_CTX, version: number): number {
    return this.contextCtrl(
      ctx,
      SSL_CTRL.SET_MIN_PROTO_VERSION,
      uint(version, "version", 0xffff),
    );
  }

  /** Sets the highest version; 0: the highest there is. 1 or 0. */
  SSL_CTX_set_max_proto_version(ctx: SSL_CTX, version: number): number {
    return this.contextCtrl(
      ctx,
      SSL_CTRL.SET_MAX_PROTO_VERSION,
      uint(version, "version", 0xffff),
    );
  }

  /** The lowest version; 0 if none was set. */
  SSL_CTX_get_min_proto_version(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.GET_MIN_PROTO_VERSION);
  }

  /** The highest version; 0 if none was set. */
  SSL_CTX_get_max_proto_version(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.GET_MAX_PROTO_VERSION);
  }

  /** Sets the largest plaintext of a record, 512 to 16384 bytes: 1 or 0. */
  SSL_CTX_set_max_send_fragment(ctx: SSL_CTX, size: number): number {
    return this.contextCtrl(
      ctx,
      SSL_CTRL.SET_MAX_SEND_FRAGMENT,
      uint(size, "size", 0x7fff_ffff),
    );
  }

  /** Sets the client's ALPN protocols, each behind a byte of its length: 0 or not. */
  SSL_CTX_set_alpn_protos(ctx: SSL_CTX, protos: Uint8Array): number {
    return this.memory.withBytes(
      bytes(protos, "protos"),
      (data, length) =>
        this.c.SSL_CTX_set_alpn_protos(this.#ptr(ctx), data, length),
    );
  }

  /** Sets the hint that a server gives of the pre-shared key it wants: 1 or 0. */
  SSL_CTX_use_psk_identity_hint(ctx: SSL_CTX, hint: string | null): number {
    return this.memory.withString(
      hint,
      (text) => this.c.SSL_CTX_use_psk_identity_hint(this.#ptr(ctx), text),
    );
  }

  /** With 1, connections close without close_notify. */
  SSL_CTX_set_quiet_shutdown(ctx: SSL_CTX, mode: number): void {
    this.c.SSL_CTX_set_quiet_shutdown(this.#ptr(ctx), int(mode, "mode"));
  }

  #ptr(ctx: SSL_CTX): Ptr<"SSL_CTX"> {
    return this.ptr(ctx, "SSL_CTX");
  }

  #method(ptr: Ptr<"SSL_METHOD">): SSL_METHOD {
    return this.passed("SSL_METHOD", ptr);
  }
}
