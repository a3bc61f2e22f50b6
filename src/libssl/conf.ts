import { NULL, type Ptr } from "../ffi/pointers.ts";
import { uint } from "./arguments.ts";
import { FunctionGroup } from "./function_group.ts";
import type { SSL, SSL_CONF_CTX, SSL_CTX } from "./handles.ts";

const TARGET = "target";

/** OpenSSL's configuration language: every option of it, on a context or connection. */
export class ConfFunctions extends FunctionGroup {
  /** A reader, owned. */
  SSL_CONF_CTX_new(): SSL_CONF_CTX | null {
    return this.ffi.handles.own("SSL_CONF_CTX", this.c.SSL_CONF_CTX_new());
  }

  /** Ends a configuration: 1 or 0. */
  SSL_CONF_CTX_finish(cctx: SSL_CONF_CTX): number {
    return this.c.SSL_CONF_CTX_finish(this.#withTarget(cctx));
  }

  /** Frees a reader. */
  SSL_CONF_CTX_free(cctx: SSL_CONF_CTX | null): void {
    if (cctx === null) return;
    const ptr = this.ffi.handles.release(cctx, "SSL_CONF_CTX");
    this.ffi.handles.freed(ptr);
    this.c.SSL_CONF_CTX_free(ptr);
  }

  /** Adds `SSL_CONF_FLAG_*` bits: all that are set now. */
  SSL_CONF_CTX_set_flags(cctx: SSL_CONF_CTX, flags: number): number {
    return this.c.SSL_CONF_CTX_set_flags(
      this.#ptr(cctx),
      uint(flags, "flags"),
    );
  }

  /** Takes away `SSL_CONF_FLAG_*` bits: all that are set now. */
  SSL_CONF_CTX_clear_flags(cctx: SSL_CONF_CTX, flags: number): number {
    return this.c.SSL_CONF_CTX_clear_flags(
      this.#ptr(cctx),
      uint(flags, "flags"),
    );
  }

  /** Sets what every command's name starts with: 1 or 0. */
  SSL_CONF_CTX_set1_prefix(cctx: SSL_CONF_CTX, prefix: string): number {
    return this.memory.withString(
      prefix,
      (text) => this.c.SSL_CONF_CTX_set1_prefix(this.#ptr(cctx), text),
    );
  }

  /** Sets the connection that commands configure. */
  SSL_CONF_CTX_set_ssl(cctx: SSL_CONF_CTX, ssl: SSL): void {
    this.c.SSL_CONF_CTX_set_ssl(this.#ptr(cctx), this.ptr(ssl, "SSL"));
    this.#aimAt(cctx, () => this.ptr(ssl, "SSL"));
  }

  /** Sets the context that commands configure. */
  SSL_CONF_CTX_set_ssl_ctx(cctx: SSL_CONF_CTX, ctx: SSL_CTX): void {
    this.c.SSL_CONF_CTX_set_ssl_ctx(this.#ptr(cctx), this.ptr(ctx, "SSL_CTX"));
    this.#aimAt(cctx, () => this.ptr(ctx, "SSL_CTX"));
  }

  /**
   * Runs one command: 2 if it took the value, 1 if it needs none, 0 if the value
   * was refused, -2 if there is no such command, -3 if a value is missing.
   *
   * @throws {TypeError} If nothing was set to be configured: for some commands C would
   * follow a null pointer.
   */
  SSL_CONF_cmd(
    cctx: SSL_CONF_CTX,
    option: string,
    value: string | null,
  ): number {
    const ptr = this.#withTarget(cctx);
    if (!this.ffi.handles.attached(cctx).has(TARGET)) {
      throw new TypeError(
        "Cannot run a command: set what it configures first, by SSL_CONF_CTX_set_ssl_ctx or SSL_CONF_CTX_set_ssl",
      );
    }
    return this.memory.withString(
      option,
      (name) =>
        this.memory.withString(
          value,
          (text) => this.c.SSL_CONF_cmd(ptr, name, text),
        ),
    );
  }

  /** What sort of value a command takes, `SSL_CONF_TYPE_*`. */
  SSL_CONF_cmd_value_type(cctx: SSL_CONF_CTX, option: string): number {
    return this.memory.withString(
      option,
      (name) =>
        name === NULL
          ? 0
          : this.c.SSL_CONF_cmd_value_type(this.#ptr(cctx), name),
    );
  }

  /** C keeps a bare pointer to what is configured: `check` throws if it is dead. */
  #aimAt(cctx: SSL_CONF_CTX, check: () => unknown): void {
    this.ffi.handles.attached(cctx).set(TARGET, check);
  }

  #withTarget(cctx: SSL_CONF_CTX): Ptr<"SSL_CONF_CTX"> {
    const ptr = this.#ptr(cctx);
    const check = this.ffi.handles.attached(cctx).get(TARGET) as
      | (() => unknown)
      | undefined;
    check?.();
    return ptr;
  }

  #ptr(cctx: SSL_CONF_CTX): Ptr<"SSL_CONF_CTX"> {
    return this.ptr(cctx, "SSL_CONF_CTX");
  }
}
