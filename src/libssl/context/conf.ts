import { NULL, type Ptr } from "../../ffi/pointers.ts";
import { uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { SSL, SSL_CONF_CTX, SSL_CTX } from "../handles.ts";

const TARGET = "target";

/** OpenSSL's configuration commands for a context or a connection (SSL_CONF_cmd(3)). */
export class ConfFunctions extends FunctionGroup {
  /** Creates a configuration context, owned. */
  SSL_CONF_CTX_new(): SSL_CONF_CTX | null {
    return this.ffi.handles.own("SSL_CONF_CTX", this.c.SSL_CONF_CTX_new());
  }

  /** Completes a configuration. Returns 1, or 0 on failure. */
  SSL_CONF_CTX_finish(cctx: SSL_CONF_CTX): number {
    return this.c.SSL_CONF_CTX_finish(this.#withTarget(cctx));
  }

  /** Frees a configuration context. */
  SSL_CONF_CTX_free(cctx: SSL_CONF_CTX | null): void {
    if (cctx === null) return;
    const ptr = this.ffi.handles.release(cctx, "SSL_CONF_CTX");
    this.ffi.handles.freed(ptr);
    this.c.SSL_CONF_CTX_free(ptr);
  }

  /** Sets `SSL_CONF_FLAG_*` bits. Returns all bits that are set now. */
  SSL_CONF_CTX_set_flags(cctx: SSL_CONF_CTX, flags: number): number {
    return this.c.SSL_CONF_CTX_set_flags(
      this.#ptr(cctx),
      uint(flags, "flags"),
    );
  }

  /** Clears `SSL_CONF_FLAG_*` bits. Returns all bits that are set now. */
  SSL_CONF_CTX_clear_flags(cctx: SSL_CONF_CTX, flags: number): number {
    return this.c.SSL_CONF_CTX_clear_flags(
      this.#ptr(cctx),
      uint(flags, "flags"),
    );
  }

  /** Sets the prefix of the names of commands. Returns 1, or 0 on failure. */
  SSL_CONF_CTX_set1_prefix(cctx: SSL_CONF_CTX, prefix: string): number {
    return this.memory.withString(
      prefix,
      (text) => this.c.SSL_CONF_CTX_set1_prefix(this.#ptr(cctx), text),
    );
  }

  /** Sets the connection that the commands configure. */
  SSL_CONF_CTX_set_ssl(cctx: SSL_CONF_CTX, ssl: SSL): void {
    this.c.SSL_CONF_CTX_set_ssl(this.#ptr(cctx), this.ptr(ssl, "SSL"));
    this.#setTarget(cctx, () => this.ptr(ssl, "SSL"));
  }

  /** Sets the context that the commands configure. */
  SSL_CONF_CTX_set_ssl_ctx(cctx: SSL_CONF_CTX, ctx: SSL_CTX): void {
    this.c.SSL_CONF_CTX_set_ssl_ctx(this.#ptr(cctx), this.ptr(ctx, "SSL_CTX"));
    this.#setTarget(cctx, () => this.ptr(ctx, "SSL_CTX"));
  }

  /**
   * Runs a command. Returns 2 if it used the value, 1 if it takes none, 0 if the value
   * is invalid, -2 if the command is unknown, or -3 if the value is missing.
   *
   * @throws {TypeError} If no context or connection was set: some commands would follow a
   * null pointer.
   */
  SSL_CONF_cmd(
    cctx: SSL_CONF_CTX,
    option: string,
    value: string | null,
  ): number {
    const ptr = this.#withTarget(cctx);
    if (!this.ffi.handles.attached(cctx).has(TARGET)) {
      throw new TypeError(
        "Cannot run the command: call SSL_CONF_CTX_set_ssl_ctx or SSL_CONF_CTX_set_ssl first",
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

  /** Returns the type of value that a command takes, `SSL_CONF_TYPE_*`. */
  SSL_CONF_cmd_value_type(cctx: SSL_CONF_CTX, option: string): number {
    return this.memory.withString(
      option,
      (name) =>
        name === NULL
          ? 0
          : this.c.SSL_CONF_cmd_value_type(this.#ptr(cctx), name),
    );
  }

  /** Notes the target, to which C keeps a bare pointer: `check` throws if it has been freed. */
  #setTarget(cctx: SSL_CONF_CTX, check: () => unknown): void {
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
