import { NULL, type Ptr } from "../ffi/pointers.ts";
import { bits, bytes, int, uint } from "./arguments.ts";
import { FunctionGroup } from "./function_group.ts";
import { SSL_CTRL } from "./ctrl.ts";
import type { EVP_PKEY, SSL, SSL_CTX, X509 } from "./handles.ts";

/** What of a connection differs from its context. */
export class ConnectionOptionFunctions extends FunctionGroup {
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

  /** Sets how large the peer's chain of certificates may be, in bytes: the size before. */
  SSL_set_max_cert_list(ssl: SSL, size: number): number {
    return this.#ctrl(
      ssl,
      SSL_CTRL.SET_MAX_CERT_LIST,
      uint(size, "size", 0x7fff_ffff),
    );
  }

  /** How large the peer's chain of certificates may be, in bytes. */
  SSL_get_max_cert_list(ssl: SSL): number {
    return this.#ctrl(ssl, SSL_CTRL.GET_MAX_CERT_LIST);
  }

  /** The lowest version; 0 if none was set. */
  SSL_get_min_proto_version(ssl: SSL): number {
    return this.#ctrl(ssl, SSL_CTRL.GET_MIN_PROTO_VERSION);
  }

  /** The highest version; 0 if none was set. */
  SSL_get_max_proto_version(ssl: SSL): number {
    return this.#ctrl(ssl, SSL_CTRL.GET_MAX_PROTO_VERSION);
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

  #ctrl(ssl: SSL, command: number, value = 0): number {
    return this.c.SSL_ctrl(this.#ptr(ssl), command, value, NULL);
  }
}
