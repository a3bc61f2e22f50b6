import { NULL, type Ptr } from "../ffi/pointers.ts";
import { bits, bytes, int, uint } from "./arguments.ts";
import { Chapter } from "./chapter.ts";
import { SSL_CTRL } from "./ctrl.ts";
import type {
  BIO,
  EVP_PKEY,
  SSL,
  SSL_CTX,
  SSL_SESSION,
  X509,
} from "./handles.ts";

/** Connections: making, configuring and driving them. */
export class ConnectionFunctions extends Chapter {
  /** A new connection of a context, owned; `null` on failure. */
  SSL_new(ctx: SSL_CTX): SSL | null {
    const ctxPtr = this.ptr(ctx, "SSL_CTX");
    this.#assertStays(ctxPtr);
    const ptr = this.ffi.acquire(
      "SSL_new",
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

  /** Sets the server name to ask for, or `null` (clients): 1 or 0. */
  SSL_set_tlsext_host_name(ssl: SSL, name: string | null): number {
    return this.memory.withString(
      name,
      (text) =>
        this.c.SSL_ctrl(
          this.#ptr(ssl),
          SSL_CTRL.SET_TLSEXT_HOSTNAME,
          0,
          text,
        ),
    );
  }

  /** Sets the host name or IP address that the peer's certificate must be for: 1 or 0. */
  SSL_set1_host(ssl: SSL, hostname: string | null): number {
    return this.memory.withString(
      hostname,
      (text) => this.c.SSL_set1_host(this.#ptr(ssl), text),
    );
  }

  /** Adds a name that the peer's certificate may be for: 1 or 0. */
  SSL_add1_host(ssl: SSL, hostname: string): number {
    return this.memory.withString(
      hostname,
      (text) => this.c.SSL_add1_host(this.#ptr(ssl), text),
    );
  }

  /** Sets how host names match, `X509_CHECK_FLAG_*`. */
  SSL_set_hostflags(ssl: SSL, flags: number): void {
    this.c.SSL_set_hostflags(this.#ptr(ssl), uint(flags, "flags"));
  }

  /** Changes the context, as a servername callback does: its certificate serves from here. */
  SSL_set_SSL_CTX(ssl: SSL, ctx: SSL_CTX): SSL_CTX | null {
    this.ffi.assertCallback("SSL_set_SSL_CTX", ["servername", "client_hello"]);
    return this.ffi.handles.borrow(
      "SSL_CTX",
      this.c.SSL_set_SSL_CTX(this.#ptr(ssl), this.ptr(ctx, "SSL_CTX")),
    );
  }

  /** Binds sessions of this connection to a context, 32 bytes at most: 1 or 0. */
  SSL_set_session_id_context(ssl: SSL, sid_ctx: Uint8Array): number {
    return this.memory.withBytes(
      bytes(sid_ctx, "sid_ctx"),
      (data, length) =>
        this.c.SSL_set_session_id_context(this.#ptr(ssl), data, length),
    );
  }

  /** Sets the client's ALPN protocols, each behind a byte of its length: 0 or not. */
  SSL_set_alpn_protos(ssl: SSL, protos: Uint8Array): number {
    return this.memory.withBytes(
      bytes(protos, "protos"),
      (data, length) =>
        this.c.SSL_set_alpn_protos(this.#ptr(ssl), data, length),
    );
  }

  /** Adds `SSL_OP_*` bits: all that are set now. */
  SSL_set_options(ssl: SSL, op: bigint): bigint {
    return BigInt.asUintN(
      64,
      this.c.SSL_set_options(this.#ptr(ssl), bits(op, "op")),
    );
  }

  /** Takes away `SSL_OP_*` bits: all that are set now. */
  SSL_clear_options(ssl: SSL, op: bigint): bigint {
    return BigInt.asUintN(
      64,
      this.c.SSL_clear_options(this.#ptr(ssl), bits(op, "op")),
    );
  }

  /** The `SSL_OP_*` bits that are set. */
  SSL_get_options(ssl: SSL): bigint {
    return BigInt.asUintN(64, this.c.SSL_get_options(this.#ptr(ssl)));
  }

  /** Sets the lowest version: 1 or 0. */
  SSL_set_min_proto_version(ssl: SSL, version: number): number {
    return this.#ctrl(
      ssl,
      SSL_CTRL.SET_MIN_PROTO_VERSION,
      uint(version, "version", 0xffff),
    );
  }

  /** Sets the highest version: 1 or 0. */
  SSL_set_max_proto_version(ssl: SSL, version: number): number {
    return this.#ctrl(
      ssl,
      SSL_CTRL.SET_MAX_PROTO_VERSION,
      uint(version, "version", 0xffff),
    );
  }

  /** Sets the cipher suites of TLS 1.2 and below: 1 or 0. */
  SSL_set_cipher_list(ssl: SSL, str: string): number {
    return this.memory.withString(
      str,
      (list) => this.c.SSL_set_cipher_list(this.#ptr(ssl), list),
    );
  }

  /** Sets the cipher suites of TLS 1.3: 1 or 0. */
  SSL_set_ciphersuites(ssl: SSL, str: string): number {
    return this.memory.withString(
      str,
      (list) => this.c.SSL_set_ciphersuites(this.#ptr(ssl), list),
    );
  }

  /** Sets the certificate of this connection: 1 or 0. */
  SSL_use_certificate(ssl: SSL, x: X509): number {
    return this.c.SSL_use_certificate(this.#ptr(ssl), this.ptr(x, "X509"));
  }

  /** Sets the private key of this connection: 1 or 0. */
  SSL_use_PrivateKey(ssl: SSL, pkey: EVP_PKEY): number {
    return this.c.SSL_use_PrivateKey(
      this.#ptr(ssl),
      this.ptr(pkey, "EVP_PKEY"),
    );
  }

  /** Sets how many tickets the handshake yields (TLS 1.3 servers): 1. */
  SSL_set_num_tickets(ssl: SSL, num_tickets: number): number {
    return this.c.SSL_set_num_tickets(
      this.#ptr(ssl),
      uint(num_tickets, "num_tickets"),
    );
  }

  /** Lets a client answer certificate requests after the handshake (TLS 1.3). */
  SSL_set_post_handshake_auth(ssl: SSL, val: number): void {
    this.c.SSL_set_post_handshake_auth(this.#ptr(ssl), int(val, "val"));
  }

  /** Sets which close_notify alerts count as sent and received. */
  SSL_set_shutdown(ssl: SSL, mode: number): void {
    this.c.SSL_set_shutdown(this.#ptr(ssl), int(mode, "mode"));
  }

  /** With 1, the connection closes without close_notify. */
  SSL_set_quiet_shutdown(ssl: SSL, mode: number): void {
    this.c.SSL_set_quiet_shutdown(this.#ptr(ssl), int(mode, "mode"));
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
    bytes(buf, "buf");
    return this.memory.withBlock(Math.max(buf.length, 1), (block) => {
      const count = this.c[name](ptr, block, buf.length);
      if (count > 0) buf.set(this.memory.view(block, count));
      return count;
    });
  }

  #ctrl(ssl: SSL, command: number, value = 0): number {
    return this.c.SSL_ctrl(this.#ptr(ssl), command, value, NULL);
  }
}
