import type { Ptr } from "../ffi/pointers.ts";
import { bytes, int } from "./arguments.ts";
import { FunctionGroup } from "./function_group.ts";
import type { BIO, SSL, SSL_CTX, SSL_SESSION } from "./handles.ts";

/** Connections: making and driving them. */
export class ConnectionFunctions extends FunctionGroup {
  /** A new connection of a context, owned; `null` on failure. */
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
   * Gives back the connection. One that was established and has not sent
   * close_notify takes its session out of the internal cache (RFC 5246, 7.2.1).
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
   * Connects to BIOs, which may be the same one: their references go to the
   * connection, unless it has them already.
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

  /** Sets the BIO to read from: its reference goes to the connection. */
  SSL_set0_rbio(ssl: SSL, rbio: BIO): void {
    this.c.SSL_set0_rbio(
      this.#ptr(ssl),
      this.ffi.handles.release(rbio, "BIO"),
    );
  }

  /** Sets the BIO to write to: its reference goes to the connection. */
  SSL_set0_wbio(ssl: SSL, wbio: BIO): void {
    this.c.SSL_set0_wbio(
      this.#ptr(ssl),
      this.ffi.handles.release(wbio, "BIO"),
    );
  }

  /** The BIO that is read from, borrowed. */
  SSL_get_rbio(ssl: SSL): BIO | null {
    return this.ffi.handles.borrow("BIO", this.c.SSL_get_rbio(this.#ptr(ssl)));
  }

  /** The BIO that is written to, borrowed. */
  SSL_get_wbio(ssl: SSL): BIO | null {
    return this.ffi.handles.borrow("BIO", this.c.SSL_get_wbio(this.#ptr(ssl)));
  }

  /** Makes the connection a client. */
  SSL_set_connect_state(ssl: SSL): void {
    this.c.SSL_set_connect_state(this.#drive(ssl, "SSL_set_connect_state"));
  }

  /** Makes the connection a server. */
  SSL_set_accept_state(ssl: SSL): void {
    this.c.SSL_set_accept_state(this.#drive(ssl, "SSL_set_accept_state"));
  }

  /** Goes on with the handshake: 1 when it is done; else ask `SSL_get_error`. */
  SSL_do_handshake(ssl: SSL): number {
    return this.c.SSL_do_handshake(this.#drive(ssl, "SSL_do_handshake"));
  }

  /** {@linkcode SSL_do_handshake} as a client. */
  SSL_connect(ssl: SSL): number {
    return this.c.SSL_connect(this.#drive(ssl, "SSL_connect"));
  }

  /** {@linkcode SSL_do_handshake} as a server. */
  SSL_accept(ssl: SSL): number {
    return this.c.SSL_accept(this.#drive(ssl, "SSL_accept"));
  }

  /** Reads application data into `buf`: how many bytes, or ask `SSL_get_error`. */
  SSL_read(ssl: SSL, buf: Uint8Array): number {
    return this.#read(ssl, buf, "SSL_read");
  }

  /** {@linkcode SSL_read} that leaves the data to be read again. */
  SSL_peek(ssl: SSL, buf: Uint8Array): number {
    return this.#read(ssl, buf, "SSL_peek");
  }

  /** Writes application data: how many bytes, or ask `SSL_get_error`. */
  SSL_write(ssl: SSL, buf: Uint8Array): number {
    const ptr = this.#drive(ssl, "SSL_write");
    return this.memory.withBytes(
      bytes(buf, "buf"),
      (data, length) => this.c.SSL_write(ptr, data, length),
    );
  }

  /** Sends close_notify: 0, and 1 once the peer's has come too; below 0: ask `SSL_get_error`. */
  SSL_shutdown(ssl: SSL): number {
    return this.c.SSL_shutdown(this.#drive(ssl, "SSL_shutdown"));
  }

  /** What the last result `ret` of a function that drives the connection means. */
  SSL_get_error(ssl: SSL, ret: number): number {
    return this.c.SSL_get_error(this.#ptr(ssl), int(ret, "ret"));
  }

  /** Asks for a new handshake on the same connection (up to TLS 1.2): 1 or 0. */
  SSL_renegotiate(ssl: SSL): number {
    return this.c.SSL_renegotiate(this.#drive(ssl, "SSL_renegotiate"));
  }

  /** 1 if a renegotiation is under way. */
  SSL_renegotiate_pending(ssl: SSL): number {
    return this.c.SSL_renegotiate_pending(this.#ptr(ssl));
  }

  /** Schedules new traffic keys (TLS 1.3), `SSL_KEY_UPDATE_*`: 1 or 0. */
  SSL_key_update(ssl: SSL, updatetype: number): number {
    return this.c.SSL_key_update(
      this.#drive(ssl, "SSL_key_update"),
      int(updatetype, "updatetype"),
    );
  }

  /** Schedules one more ticket (TLS 1.3 servers), sent with the next write: 1 or 0. */
  SSL_new_session_ticket(ssl: SSL): number {
    return this.c.SSL_new_session_ticket(
      this.#drive(ssl, "SSL_new_session_ticket"),
    );
  }

  /** Schedules a request for the client's certificate (TLS 1.3 servers): 1 or 0. */
  SSL_verify_client_post_handshake(ssl: SSL): number {
    return this.c.SSL_verify_client_post_handshake(
      this.#drive(ssl, "SSL_verify_client_post_handshake"),
    );
  }

  /** Proposes a session to resume (clients): 1 or 0. The connection takes its own reference. */
  SSL_set_session(ssl: SSL, session: SSL_SESSION | null): number {
    return this.c.SSL_set_session(
      this.#drive(ssl, "SSL_set_session"),
      this.ffi.handles.ptrOrNull(session, "SSL_SESSION"),
    );
  }

  #ptr(ssl: SSL): Ptr<"SSL"> {
    return this.ptr(ssl, "SSL");
  }

  /** Refuses a context that its remove callback sees while it is being freed. */
  #assertStays(ctx: Ptr<"SSL_CTX">): void {
    if (!this.ffi.inCallback) return;
    if (!this.keepContext(ctx)) {
      throw new TypeError("Cannot use the SSL_CTX: it is being freed");
    }
    this.c.SSL_CTX_free(ctx);
  }

  /** The pointer for a function that runs the state machine: not amid a callback. */
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
