import { NULL, type Ptr } from "../../ffi/pointers.ts";
import { bits, bytes, int, uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import { SSL_CTRL } from "../ctrl.ts";
import type { EVP_PKEY, SSL, SSL_CTX, X509 } from "../handles.ts";

/** The options of one connection, which it otherwise has of its context. */
export class ConnectionOptionFunctions extends FunctionGroup {
  /** Sets the server name to send, or none for `null` (clients). Returns 1, or 0 on failure. */
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

  /**
   * Sets the host name or IP address that the peer's certificate must match. Returns 1, or 0 on
   * failure.
   */
  SSL_set1_host(ssl: SSL, hostname: string | null): number {
    return this.memory.withString(
      hostname,
      (text) => this.c.SSL_set1_host(this.#ptr(ssl), text),
    );
  }

  /** Adds a host name that the peer's certificate may match. Returns 1, or 0 on failure. */
  SSL_add1_host(ssl: SSL, hostname: string): number {
    return this.memory.withString(
      hostname,
      (text) => this.c.SSL_add1_host(this.#ptr(ssl), text),
    );
  }

  /** Sets how host names are matched, `X509_CHECK_FLAG_*`. */
  SSL_set_hostflags(ssl: SSL, flags: number): void {
    this.c.SSL_set_hostflags(this.#ptr(ssl), uint(flags, "flags"));
  }

  /**
   * Changes the context, and with it the certificate, in a callback for server names, client
   * hellos or certificates. Returns the context, borrowed.
   */
  SSL_set_SSL_CTX(ssl: SSL, ctx: SSL_CTX): SSL_CTX | null {
    this.ffi.assertCallback("SSL_set_SSL_CTX", [
      "servername",
      "client_hello",
      "cert",
    ]);
    return this.ffi.handles.borrow(
      "SSL_CTX",
      this.c.SSL_set_SSL_CTX(this.#ptr(ssl), this.ptr(ctx, "SSL_CTX")),
    );
  }

  /**
   * Sets the session id context of this connection, at most 32 bytes. Returns 1, or 0 on failure.
   */
  SSL_set_session_id_context(ssl: SSL, sid_ctx: Uint8Array): number {
    return this.memory.withBytes(
      bytes(sid_ctx, "sid_ctx"),
      (data, length) =>
        this.c.SSL_set_session_id_context(this.#ptr(ssl), data, length),
    );
  }

  /**
   * Sets the ALPN protocols of a client, each preceded by a byte with its length. Returns 0, or
   * another number on failure.
   */
  SSL_set_alpn_protos(ssl: SSL, protos: Uint8Array): number {
    return this.memory.withBytes(
      bytes(protos, "protos"),
      (data, length) =>
        this.c.SSL_set_alpn_protos(this.#ptr(ssl), data, length),
    );
  }

  /** Sets `SSL_OP_*` bits. Returns all bits that are set now. */
  SSL_set_options(ssl: SSL, op: bigint): bigint {
    return BigInt.asUintN(
      64,
      this.c.SSL_set_options(this.#ptr(ssl), bits(op, "op")),
    );
  }

  /** Clears `SSL_OP_*` bits. Returns all bits that are set now. */
  SSL_clear_options(ssl: SSL, op: bigint): bigint {
    return BigInt.asUintN(
      64,
      this.c.SSL_clear_options(this.#ptr(ssl), bits(op, "op")),
    );
  }

  /** Returns the `SSL_OP_*` bits that are set. */
  SSL_get_options(ssl: SSL): bigint {
    return BigInt.asUintN(64, this.c.SSL_get_options(this.#ptr(ssl)));
  }

  /** Sets the lowest protocol version. Returns 1, or 0 on failure. */
  SSL_set_min_proto_version(ssl: SSL, version: number): number {
    return this.#ctrl(
      ssl,
      SSL_CTRL.SET_MIN_PROTO_VERSION,
      uint(version, "version", 0xffff),
    );
  }

  /** Sets the highest protocol version. Returns 1, or 0 on failure. */
  SSL_set_max_proto_version(ssl: SSL, version: number): number {
    return this.#ctrl(
      ssl,
      SSL_CTRL.SET_MAX_PROTO_VERSION,
      uint(version, "version", 0xffff),
    );
  }

  /** Sets the largest size of a peer's certificate chain in bytes. Returns the previous one. */
  SSL_set_max_cert_list(ssl: SSL, size: number): number {
    return this.#ctrl(
      ssl,
      SSL_CTRL.SET_MAX_CERT_LIST,
      uint(size, "size", 0x7fff_ffff),
    );
  }

  /** Returns the largest size of a peer's certificate chain in bytes. */
  SSL_get_max_cert_list(ssl: SSL): number {
    return this.#ctrl(ssl, SSL_CTRL.GET_MAX_CERT_LIST);
  }

  /**
   * Sets the largest number of bytes in a record, 512 to 16384. Returns 1, or 0 for another
   * number.
   */
  SSL_set_max_send_fragment(ssl: SSL, m: number): number {
    return this.#ctrl(
      ssl,
      SSL_CTRL.SET_MAX_SEND_FRAGMENT,
      int(m, "m"),
    );
  }

  /** Returns the lowest protocol version; 0 if none was set. */
  SSL_get_min_proto_version(ssl: SSL): number {
    return this.#ctrl(ssl, SSL_CTRL.GET_MIN_PROTO_VERSION);
  }

  /** Returns the highest protocol version; 0 if none was set. */
  SSL_get_max_proto_version(ssl: SSL): number {
    return this.#ctrl(ssl, SSL_CTRL.GET_MAX_PROTO_VERSION);
  }

  /** Sets the cipher suites of TLS 1.2 and below. Returns 1, or 0 on failure. */
  SSL_set_cipher_list(ssl: SSL, str: string): number {
    return this.memory.withString(
      str,
      (list) => this.c.SSL_set_cipher_list(this.#ptr(ssl), list),
    );
  }

  /** Sets the cipher suites of TLS 1.3. Returns 1, or 0 on failure. */
  SSL_set_ciphersuites(ssl: SSL, str: string): number {
    return this.memory.withString(
      str,
      (list) => this.c.SSL_set_ciphersuites(this.#ptr(ssl), list),
    );
  }

  /** Sets the certificate of this connection. Returns 1, or 0 on failure. */
  SSL_use_certificate(ssl: SSL, x: X509): number {
    return this.c.SSL_use_certificate(this.#ptr(ssl), this.ptr(x, "X509"));
  }

  /** Sets the private key of this connection. Returns 1, or 0 on failure. */
  SSL_use_PrivateKey(ssl: SSL, pkey: EVP_PKEY): number {
    return this.c.SSL_use_PrivateKey(
      this.#ptr(ssl),
      this.ptr(pkey, "EVP_PKEY"),
    );
  }

  /** Sets the number of tickets that a full handshake issues (TLS 1.3 servers). Returns 1. */
  SSL_set_num_tickets(ssl: SSL, num_tickets: number): number {
    return this.c.SSL_set_num_tickets(
      this.#ptr(ssl),
      uint(num_tickets, "num_tickets"),
    );
  }

  /** Sets whether a client offers authentication after the handshake (TLS 1.3): 1 or 0. */
  SSL_set_post_handshake_auth(ssl: SSL, val: number): void {
    this.c.SSL_set_post_handshake_auth(this.#ptr(ssl), int(val, "val"));
  }

  /** Sets which close_notify alerts count as sent and received, `SSL_*_SHUTDOWN`. */
  SSL_set_shutdown(ssl: SSL, mode: number): void {
    this.c.SSL_set_shutdown(this.#ptr(ssl), int(mode, "mode"));
  }

  /** Sets whether the connection shuts down without close_notify: 1 or 0. */
  SSL_set_quiet_shutdown(ssl: SSL, mode: number): void {
    this.c.SSL_set_quiet_shutdown(this.#ptr(ssl), int(mode, "mode"));
  }

  #ptr(ssl: SSL): Ptr<"SSL"> {
    return this.ptr(ssl, "SSL");
  }

  #ctrl(ssl: SSL, command: number, value = 0): number {
    return this.c.SSL_ctrl(this.#ptr(ssl), command, value, NULL);
  }
}
