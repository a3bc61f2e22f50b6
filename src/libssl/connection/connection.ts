import type { Ptr } from "../../ffi/pointers.ts";
import { bytes, int } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { BIO, SSL, SSL_CTX, SSL_SESSION } from "../handles.ts";

/** Connections: creating, freeing and driving them (SSL_new(3), SSL_do_handshake(3)). */
export class ConnectionFunctions extends FunctionGroup {
  /** Creates a connection of a context, owned. Returns `null` on failure. */
  SSL_new(ctx: SSL_CTX): SSL | null {
    const ctxPtr = this.ptr(ctx, "SSL_CTX");
    this.#assertStays(ctxPtr);
    const ptr = this.ffi.acquire(
      () => this.c.SSL_new(ctxPtr),
      (ptr) => this.c.SSL_free(ptr),
    );
    const ssl = this.ffi.handles.own("SSL", ptr);
    if (ssl) this.inherit(ssl, ctx);
    return ssl;
  }

  /**
   * Frees an owned reference to a connection. An established connection that hasn't sent
   * close_notify removes its session from the internal cache (RFC 5246, section 7.2.1).
   */
  SSL_free(ssl: SSL | null): void {
    if (ssl === null) return;
    const ptr = this.ffi.handles.release(ssl, "SSL");
    this.ffi.defer(() => {
      // The remove callback must not see it half freed.
      this.ffi.handles.freed(ptr);
      this.c.SSL_free(ptr);
    });
  }

  /**
   * Sets the BIOs to read from and to write to, which may be the same. The connection takes over
   * their references, unless it has them already.
   */
  SSL_set_bio(ssl: SSL, rbio: BIO, wbio: BIO): void {
    const ptr = this.#ptr(ssl);
    const read = this.ptr(rbio, "BIO");
    const write = this.ptr(wbio, "BIO");
    const [oldRead, oldWrite] = [
      this.c.SSL_get_rbio(ptr),
      this.c.SSL_get_wbio(ptr),
    ];
    // Which references C takes: see "NOTES" of SSL_set_bio(3).
    const readStays = read === oldRead;
    const writeStays = write === oldWrite &&
      (readStays || oldRead !== oldWrite);
    const { handles } = this.ffi;
    const takesRead = !readStays && !(writeStays && read === write);
    if (takesRead) handles.release(rbio, "BIO");
    try {
      if (!writeStays && read !== write) handles.release(wbio, "BIO");
    } catch (error) {
      if (takesRead) handles.retain(rbio, "BIO");
      throw error;
    }
    this.c.SSL_set_bio(ptr, read, write);
  }

  /** Sets the BIO to read from. The connection takes over its reference. */
  SSL_set0_rbio(ssl: SSL, rbio: BIO): void {
    this.c.SSL_set0_rbio(
      this.#ptr(ssl),
      this.ffi.handles.release(rbio, "BIO"),
    );
  }

  /** Sets the BIO to write to. The connection takes over its reference. */
  SSL_set0_wbio(ssl: SSL, wbio: BIO): void {
    this.c.SSL_set0_wbio(
      this.#ptr(ssl),
      this.ffi.handles.release(wbio, "BIO"),
    );
  }

  /** Returns the BIO that is read from, borrowed. */
  SSL_get_rbio(ssl: SSL): BIO | null {
    return this.ffi.handles.borrow("BIO", this.c.SSL_get_rbio(this.#ptr(ssl)));
  }

  /** Returns the BIO that is written to, borrowed. */
  SSL_get_wbio(ssl: SSL): BIO | null {
    return this.ffi.handles.borrow("BIO", this.c.SSL_get_wbio(this.#ptr(ssl)));
  }

  /** Sets the connection to work as a client. */
  SSL_set_connect_state(ssl: SSL): void {
    this.c.SSL_set_connect_state(this.#drive(ssl, "SSL_set_connect_state"));
  }

  /** Sets the connection to work as a server. */
  SSL_set_accept_state(ssl: SSL): void {
    this.c.SSL_set_accept_state(this.#drive(ssl, "SSL_set_accept_state"));
  }

  /**
   * Continues the handshake. Returns 1 when it is complete; for any other result, see {@linkcode
   * SSL_get_error}.
   */
  SSL_do_handshake(ssl: SSL): number {
    return this.c.SSL_do_handshake(this.#drive(ssl, "SSL_do_handshake"));
  }

  /** Does what {@linkcode SSL_do_handshake} does, as a client. */
  SSL_connect(ssl: SSL): number {
    return this.c.SSL_connect(this.#drive(ssl, "SSL_connect"));
  }

  /** Does what {@linkcode SSL_do_handshake} does, as a server. */
  SSL_accept(ssl: SSL): number {
    return this.c.SSL_accept(this.#drive(ssl, "SSL_accept"));
  }

  /**
   * Reads application data into `buf`. Returns the number of bytes; for 0 and below, see
   * {@linkcode SSL_get_error}.
   */
  SSL_read(ssl: SSL, buf: Uint8Array): number {
    return this.#read(ssl, buf, "SSL_read");
  }

  /** Reads as {@linkcode SSL_read} does, and leaves the data to be read again. */
  SSL_peek(ssl: SSL, buf: Uint8Array): number {
    return this.#read(ssl, buf, "SSL_peek");
  }

  /**
   * Writes application data. Returns the number of bytes; for 0 and below, see {@linkcode
   * SSL_get_error}.
   */
  SSL_write(ssl: SSL, buf: Uint8Array): number {
    const ptr = this.#drive(ssl, "SSL_write");
    return this.memory.withBytes(
      bytes(buf, "buf"),
      (data, length) => this.c.SSL_write(ptr, data, length),
    );
  }

  /**
   * Sends close_notify. Returns 1 if the peer has sent its own, and 0 if not; below 0, see
   * {@linkcode SSL_get_error}.
   */
  SSL_shutdown(ssl: SSL): number {
    return this.c.SSL_shutdown(this.#drive(ssl, "SSL_shutdown"));
  }

  /**
   * Returns the meaning of the last result `ret` of a function that drives the connection,
   * `SSL_ERROR_*`.
   */
  SSL_get_error(ssl: SSL, ret: number): number {
    return this.c.SSL_get_error(this.#ptr(ssl), int(ret, "ret"));
  }

  /** Schedules a renegotiation (up to TLS 1.2). Returns 1, or 0 on failure. */
  SSL_renegotiate(ssl: SSL): number {
    return this.c.SSL_renegotiate(this.#drive(ssl, "SSL_renegotiate"));
  }

  /**
   * Schedules a renegotiation that offers to resume the session (up to TLS 1.2). Returns 1, or 0
   * on failure.
   */
  SSL_renegotiate_abbreviated(ssl: SSL): number {
    return this.c.SSL_renegotiate_abbreviated(
      this.#drive(ssl, "SSL_renegotiate_abbreviated"),
    );
  }

  /** Returns 1 if a renegotiation is scheduled or in progress. */
  SSL_renegotiate_pending(ssl: SSL): number {
    return this.c.SSL_renegotiate_pending(this.#ptr(ssl));
  }

  /** Schedules a key update (TLS 1.3), `SSL_KEY_UPDATE_*`. Returns 1, or 0 on failure. */
  SSL_key_update(ssl: SSL, updatetype: number): number {
    return this.c.SSL_key_update(
      this.#drive(ssl, "SSL_key_update"),
      int(updatetype, "updatetype"),
    );
  }

  /**
   * Schedules another ticket, sent with the next write (TLS 1.3 servers). Returns 1, or 0 on
   * failure.
   */
  SSL_new_session_ticket(ssl: SSL): number {
    return this.c.SSL_new_session_ticket(
      this.#drive(ssl, "SSL_new_session_ticket"),
    );
  }

  /**
   * Schedules a request for the client's certificate (TLS 1.3 servers). Returns 1, or 0 on
   * failure.
   */
  SSL_verify_client_post_handshake(ssl: SSL): number {
    return this.c.SSL_verify_client_post_handshake(
      this.#drive(ssl, "SSL_verify_client_post_handshake"),
    );
  }

  /**
   * Sets the session to resume (clients). Returns 1, or 0 on failure. The connection takes a
   * reference of its own.
   */
  SSL_set_session(ssl: SSL, session: SSL_SESSION | null): number {
    return this.c.SSL_set_session(
      this.#drive(ssl, "SSL_set_session"),
      this.ffi.handles.ptrOrNull(session, "SSL_SESSION"),
    );
  }

  #ptr(ssl: SSL): Ptr<"SSL"> {
    return this.ptr(ssl, "SSL");
  }

  /** Throws a `TypeError` for a context that is being freed, as its remove callback sees it. */
  #assertStays(ctx: Ptr<"SSL_CTX">): void {
    if (!this.ffi.inCallback) return;
    if (!this.keepContext(ctx)) {
      throw new TypeError("Cannot use the SSL_CTX: it is being freed");
    }
    this.c.SSL_CTX_free(ctx);
  }

  /** The pointer for a function that runs the state machine. Throws in a callback. */
  #drive(ssl: SSL, name: string): Ptr<"SSL"> {
    const ptr = this.#ptr(ssl);
    this.ffi.assertOutermost(name);
    return ptr;
  }

  #read(ssl: SSL, buf: Uint8Array, name: "SSL_read" | "SSL_peek"): number {
    const ptr = this.#drive(ssl, name);
    const view = bytes(buf, "buf");
    return this.memory.withBlock(Math.max(view.length, 1), (block) => {
      const count = this.c[name](ptr, block, view.length);
      if (count > 0) view.set(this.memory.view(block, count));
      return count;
    });
  }
}
