import type { Ffi } from "../../ffi/ffi.ts";
import { NULL, type Ptr } from "../../ffi/pointers.ts";
import { bytes, record, uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { Out, SSL, SSL_CTX } from "../handles.ts";

/** Called to decide on a client's early data. It returns 1 to accept it, and 0 to reject it. */
export type AllowEarlyDataCallback = (ssl: SSL) => number;

/** Early data of TLS 1.3 (RFC 8446, sections 2.3 and 8; SSL_read_early_data(3)). */
export class EarlyDataFunctions extends FunctionGroup {
  /** Creates the functions of this group for one instance. */
  constructor(ffi: Ffi) {
    super(ffi);
    ffi.implement(
      "allow_early_data",
      (ssl) =>
        this.callbackOf<AllowEarlyDataCallback>(ssl, "allow_early_data")?.(
          this.passed("SSL", ssl),
        ) ?? 0,
    );
  }

  /**
   * Sets the number of bytes of early data that new sessions allow. The default is 0. Returns 1.
   */
  SSL_CTX_set_max_early_data(ctx: SSL_CTX, max: number): number {
    return this.c.SSL_CTX_set_max_early_data(
      this.ptr(ctx, "SSL_CTX"),
      uint(max, "max"),
    );
  }

  /** Returns the number of bytes of early data that new sessions allow. */
  SSL_CTX_get_max_early_data(ctx: SSL_CTX): number {
    return this.c.SSL_CTX_get_max_early_data(this.ptr(ctx, "SSL_CTX")) >>> 0;
  }

  /**
   * Sets the number of bytes of early data that a server receives, rejected ones included.
   * Returns 1.
   */
  SSL_CTX_set_recv_max_early_data(ctx: SSL_CTX, max: number): number {
    return this.c.SSL_CTX_set_recv_max_early_data(
      this.ptr(ctx, "SSL_CTX"),
      uint(max, "max"),
    );
  }

  /** Returns the number of bytes of early data that a server receives. The default is 16384. */
  SSL_CTX_get_recv_max_early_data(ctx: SSL_CTX): number {
    return this.c.SSL_CTX_get_recv_max_early_data(this.ptr(ctx, "SSL_CTX")) >>>
      0;
  }

  /** Does what {@linkcode SSL_CTX_set_max_early_data} does, for one connection. */
  SSL_set_max_early_data(ssl: SSL, max: number): number {
    return this.c.SSL_set_max_early_data(this.#ptr(ssl), uint(max, "max"));
  }

  /** Returns the number of bytes of early data that the connection's sessions allow. */
  SSL_get_max_early_data(ssl: SSL): number {
    return this.c.SSL_get_max_early_data(this.#ptr(ssl)) >>> 0;
  }

  /** Sets the callback that decides on early data; `null` removes it. */
  SSL_CTX_set_allow_early_data_cb(
    ctx: SSL_CTX,
    cb: AllowEarlyDataCallback | null,
  ): void {
    this.setCallback(ctx, "allow_early_data", cb, (trampoline) => {
      this.c.SSL_CTX_set_allow_early_data_cb(
        this.ptr(ctx, "SSL_CTX"),
        trampoline,
        NULL,
      );
    });
  }

  /** Does what {@linkcode SSL_CTX_set_allow_early_data_cb} does, for one connection. */
  SSL_set_allow_early_data_cb(
    ssl: SSL,
    cb: AllowEarlyDataCallback | null,
  ): void {
    this.setCallback(ssl, "allow_early_data", cb, (trampoline) => {
      this.c.SSL_set_allow_early_data_cb(this.#ptr(ssl), trampoline, NULL);
    });
  }

  /**
   * Writes early data, before the handshake (clients). Returns 1 and sets `written`; for 0, see
   * `SSL_get_error`.
   */
  SSL_write_early_data(
    ssl: SSL,
    buf: Uint8Array,
    written: Out<number>,
  ): number {
    const ptr = this.#drive(ssl, "SSL_write_early_data");
    record(written, "written");
    return this.memory.withBytes(
      bytes(buf, "buf"),
      (data, length) =>
        this.memory.withWords(1, (out) => {
          const ret = this.c.SSL_write_early_data(ptr, data, length, out);
          written.value = this.memory.readWord(out);
          return ret;
        }),
    );
  }

  /** Reads early data, before the handshake (servers). Returns `SSL_READ_EARLY_DATA_*`. */
  SSL_read_early_data(
    ssl: SSL,
    buf: Uint8Array,
    readbytes: Out<number>,
  ): number {
    const ptr = this.#drive(ssl, "SSL_read_early_data");
    record(readbytes, "readbytes");
    const view = bytes(buf, "buf");
    return this.memory.withBlock(
      Math.max(view.length, 1),
      (block) =>
        this.memory.withWords(1, (out) => {
          const ret = this.c.SSL_read_early_data(ptr, block, view.length, out);
          const count = this.memory.readWord(out);
          view.set(this.memory.view(block, count));
          readbytes.value = count;
          return ret;
        }),
    );
  }

  /** Returns the status of early data, `SSL_EARLY_DATA_*`. */
  SSL_get_early_data_status(ssl: SSL): number {
    return this.c.SSL_get_early_data_status(this.#ptr(ssl));
  }

  #ptr(ssl: SSL): Ptr<"SSL"> {
    return this.ptr(ssl, "SSL");
  }

  #drive(ssl: SSL, name: string): Ptr<"SSL"> {
    const ptr = this.#ptr(ssl);
    this.ffi.assertOutermost(name);
    return ptr;
  }
}
