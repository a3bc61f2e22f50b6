import type { Ptr } from "../../ffi/pointers.ts";
import { bits, bytes, int, uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import { SSL_CTRL } from "../ctrl.ts";
import type { SSL_CTX, SSL_METHOD } from "../handles.ts";

const SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 2;

/** Contexts: creating and freeing them, and the options that their connections have in common. */
export class ContextFunctions extends FunctionGroup {
  /** Returns the method for any version in either role. */
  TLS_method(): SSL_METHOD {
    return this.#method(this.c.TLS_method());
  }

  /** Returns the method for any version as a client. */
  TLS_client_method(): SSL_METHOD {
    return this.#method(this.c.TLS_client_method());
  }

  /** Returns the method for any version as a server. */
  TLS_server_method(): SSL_METHOD {
    return this.#method(this.c.TLS_server_method());
  }

  /**
   * Returns the method for TLS 1.2 alone as a client. Only connections of a method for one version
   * can be given a session for a renegotiation: `SSL_set_session` starts others anew.
   */
  TLSv1_2_client_method(): SSL_METHOD {
    return this.#method(this.c.TLSv1_2_client_method());
  }

  /**
   * Creates a context, owned. Returns `null` on failure. `SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER` is
   * set, since the address of a `Uint8Array`'s copy differs from call to call.
   */
  SSL_CTX_new(method: SSL_METHOD): SSL_CTX | null {
    const methodPtr = this.ptr(method, "SSL_METHOD");
    const ptr = this.ffi.acquire(
      () => this.c.sesame_context_new(methodPtr),
      (ptr) => this.c.SSL_CTX_free(ptr),
    );
    const ctx = this.ffi.handles.own("SSL_CTX", ptr);
    if (ctx) this.SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return ctx;
  }

  /** Takes another reference, owned. Returns 1, or 0 if the context is being freed. */
  SSL_CTX_up_ref(ctx: SSL_CTX): number {
    if (!this.keepContext(this.#ptr(ctx))) return 0;
    this.ffi.handles.retain(ctx, "SSL_CTX");
    return 1;
  }

  /**
   * Frees an owned reference. With the last one, those of connections included, OpenSSL calls the
   * remove callback for every session of the internal cache and frees the context.
   */
  SSL_CTX_free(ctx: SSL_CTX | null): void {
    if (ctx === null) return;
    const ptr = this.ffi.handles.release(ctx, "SSL_CTX");
    this.ffi.defer(() => this.c.SSL_CTX_free(ptr));
  }

  /** Sets `SSL_OP_*` bits. Returns all bits that are set now. */
  SSL_CTX_set_options(ctx: SSL_CTX, op: bigint): bigint {
    return BigInt.asUintN(
      64,
      this.c.SSL_CTX_set_options(this.#ptr(ctx), bits(op, "op")),
    );
  }

  /** Clears `SSL_OP_*` bits. Returns all bits that are set now. */
  SSL_CTX_clear_options(ctx: SSL_CTX, op: bigint): bigint {
    return BigInt.asUintN(
      64,
      this.c.SSL_CTX_clear_options(this.#ptr(ctx), bits(op, "op")),
    );
  }

  /** Returns the `SSL_OP_*` bits that are set. */
  SSL_CTX_get_options(ctx: SSL_CTX): bigint {
    return BigInt.asUintN(64, this.c.SSL_CTX_get_options(this.#ptr(ctx)));
  }

  /** Sets `SSL_MODE_*` bits. Returns all bits that are set now. */
  SSL_CTX_set_mode(ctx: SSL_CTX, mode: number): number {
    return this.contextCtrl(ctx, SSL_CTRL.MODE, uint(mode, "mode"));
  }

  /** Clears `SSL_MODE_*` bits. Returns all bits that are set now. */
  SSL_CTX_clear_mode(ctx: SSL_CTX, mode: number): number {
    return this.contextCtrl(ctx, SSL_CTRL.CLEAR_MODE, uint(mode, "mode"));
  }

  /**
   * Sets the lowest protocol version, such as `TLS1_2_VERSION`; 0 is the lowest supported one.
   * Returns 1, or 0 on failure.
   */
  SSL_CTX_set_min_proto_version(ctx: SSL_CTX, version: number): number {
    return this.contextCtrl(
      ctx,
      SSL_CTRL.SET_MIN_PROTO_VERSION,
      uint(version, "version", 0xffff),
    );
  }

  /**
   * Sets the highest protocol version; 0 is the highest supported one. Returns 1, or 0 on
   * failure.
   */
  SSL_CTX_set_max_proto_version(ctx: SSL_CTX, version: number): number {
    return this.contextCtrl(
      ctx,
      SSL_CTRL.SET_MAX_PROTO_VERSION,
      uint(version, "version", 0xffff),
    );
  }

  /** Returns the lowest protocol version; 0 if none was set. */
  SSL_CTX_get_min_proto_version(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.GET_MIN_PROTO_VERSION);
  }

  /** Returns the highest protocol version; 0 if none was set. */
  SSL_CTX_get_max_proto_version(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.GET_MAX_PROTO_VERSION);
  }

  /** Sets the largest plaintext of a record, 512 to 16384 bytes. Returns 1, or 0 on failure. */
  SSL_CTX_set_max_send_fragment(ctx: SSL_CTX, size: number): number {
    return this.contextCtrl(
      ctx,
      SSL_CTRL.SET_MAX_SEND_FRAGMENT,
      uint(size, "size", 0x7fff_ffff),
    );
  }

  /**
   * Sets the ALPN protocols of a client, each preceded by a byte with its length. Returns 0, or
   * another number on failure.
   */
  SSL_CTX_set_alpn_protos(ctx: SSL_CTX, protos: Uint8Array): number {
    return this.memory.withBytes(
      bytes(protos, "protos"),
      (data, length) =>
        this.c.SSL_CTX_set_alpn_protos(this.#ptr(ctx), data, length),
    );
  }

  /**
   * Sets the hint that a server sends for the pre-shared key (up to TLS 1.2). Returns 1, or 0 on
   * failure.
   */
  SSL_CTX_use_psk_identity_hint(ctx: SSL_CTX, hint: string | null): number {
    return this.memory.withString(
      hint,
      (text) => this.c.SSL_CTX_use_psk_identity_hint(this.#ptr(ctx), text),
    );
  }

  /** Sets whether connections shut down without close_notify: 1 or 0. */
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
