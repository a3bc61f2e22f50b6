import { NULL, type Ptr } from "../ffi/pointers.ts";
import { bits, bytes, int, uint } from "./arguments.ts";
import { Chapter } from "./chapter.ts";
import { SSL_CTRL } from "./ctrl.ts";
import type {
  EVP_PKEY,
  SSL_CTX,
  SSL_METHOD,
  X509,
  X509_STORE,
} from "./handles.ts";

const SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 2;
const TICKET_KEYS_BYTES = 80;

/** Contexts: what many connections have in common. */
export class ContextFunctions extends Chapter {
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
    return this.#ctrl(ctx, SSL_CTRL.MODE, uint(mode, "mode"));
  }

  /** Takes away `SSL_MODE_*` bits: all that are set now. */
  SSL_CTX_clear_mode(ctx: SSL_CTX, mode: number): number {
    return this.#ctrl(ctx, SSL_CTRL.CLEAR_MODE, uint(mode, "mode"));
  }

  /** Sets the lowest version, such as `TLS1_2_VERSION`; 0: the lowest there is. 1 or 0. */
  SSL_CTX_set_min_proto_version(ctx: SSL_CTX, version: number): number {
    return this.#ctrl(
      ctx,
      SSL_CTRL.SET_MIN_PROTO_VERSION,
      uint(version, "version", 0xffff),
    );
  }

  /** Sets the highest version; 0: the highest there is. 1 or 0. */
  SSL_CTX_set_max_proto_version(ctx: SSL_CTX, version: number): number {
    return this.#ctrl(
      ctx,
      SSL_CTRL.SET_MAX_PROTO_VERSION,
      uint(version, "version", 0xffff),
    );
  }

  /** The lowest version; 0 if none was set. */
  SSL_CTX_get_min_proto_version(ctx: SSL_CTX): number {
    return this.#ctrl(ctx, SSL_CTRL.GET_MIN_PROTO_VERSION);
  }

  /** The highest version; 0 if none was set. */
  SSL_CTX_get_max_proto_version(ctx: SSL_CTX): number {
    return this.#ctrl(ctx, SSL_CTRL.GET_MAX_PROTO_VERSION);
  }

  /** Sets the security level, 0 to 5: TLS 1.0 and 1.1 need 0. */
  SSL_CTX_set_security_level(ctx: SSL_CTX, level: number): void {
    this.c.SSL_CTX_set_security_level(
      this.#ptr(ctx),
      int(level, "level", 0, 5),
    );
  }

  /** The security level. */
  SSL_CTX_get_security_level(ctx: SSL_CTX): number {
    return this.c.SSL_CTX_get_security_level(this.#ptr(ctx));
  }

  /** Sets the cipher suites of TLS 1.2 and below, in OpenSSL's cipher list format: 1 or 0. */
  SSL_CTX_set_cipher_list(ctx: SSL_CTX, str: string): number {
    return this.memory.withString(
      str,
      (list) => this.c.SSL_CTX_set_cipher_list(this.#ptr(ctx), list),
    );
  }

  /** Sets the cipher suites of TLS 1.3, separated by colons: 1 or 0. */
  SSL_CTX_set_ciphersuites(ctx: SSL_CTX, str: string): number {
    return this.memory.withString(
      str,
      (list) => this.c.SSL_CTX_set_ciphersuites(this.#ptr(ctx), list),
    );
  }

  /** Sets the key exchange groups, separated by colons: 1 or 0. */
  SSL_CTX_set1_groups_list(ctx: SSL_CTX, list: string): number {
    return this.#ctrlString(ctx, SSL_CTRL.SET_GROUPS_LIST, list);
  }

  /** Sets the signature algorithms, separated by colons: 1 or 0. */
  SSL_CTX_set1_sigalgs_list(ctx: SSL_CTX, list: string): number {
    return this.#ctrlString(ctx, SSL_CTRL.SET_SIGALGS_LIST, list);
  }

  /** Sets the signature algorithms for client certificates: 1 or 0. */
  SSL_CTX_set1_client_sigalgs_list(ctx: SSL_CTX, list: string): number {
    return this.#ctrlString(ctx, SSL_CTRL.SET_CLIENT_SIGALGS_LIST, list);
  }

  /** Lets a server choose Diffie-Hellman parameters by itself: 1. */
  SSL_CTX_set_dh_auto(ctx: SSL_CTX, onoff: number): number {
    return this.#ctrl(ctx, SSL_CTRL.SET_DH_AUTO, int(onoff, "onoff"));
  }

  /** Sets how large a peer's chain of certificates may be, in bytes: the size before. */
  SSL_CTX_set_max_cert_list(ctx: SSL_CTX, size: number): number {
    return this.#ctrl(
      ctx,
      SSL_CTRL.SET_MAX_CERT_LIST,
      uint(size, "size", 0x7fff_ffff),
    );
  }

  /** How large a peer's chain of certificates may be, in bytes. */
  SSL_CTX_get_max_cert_list(ctx: SSL_CTX): number {
    return this.#ctrl(ctx, SSL_CTRL.GET_MAX_CERT_LIST);
  }

  /** Sets the largest plaintext of a record, 512 to 16384 bytes: 1 or 0. */
  SSL_CTX_set_max_send_fragment(ctx: SSL_CTX, size: number): number {
    return this.#ctrl(
      ctx,
      SSL_CTRL.SET_MAX_SEND_FRAGMENT,
      uint(size, "size", 0x7fff_ffff),
    );
  }

  /** Sets the certificate: 1 or 0. The context takes a reference of its own. */
  SSL_CTX_use_certificate(ctx: SSL_CTX, x: X509): number {
    return this.c.SSL_CTX_use_certificate(this.#ptr(ctx), this.ptr(x, "X509"));
  }

  /** Adds a certificate of the chain above the leaf: 1 or 0. */
  SSL_CTX_add1_chain_cert(ctx: SSL_CTX, x: X509): number {
    return this.c.SSL_CTX_ctrl(
      this.#ptr(ctx),
      SSL_CTRL.CHAIN_CERT,
      1,
      this.ptr(x, "X509") as number as Ptr<"void">,
    );
  }

  /** Sets the private key: 1, or 0 if it doesn't fit the certificate. */
  SSL_CTX_use_PrivateKey(ctx: SSL_CTX, pkey: EVP_PKEY): number {
    return this.c.SSL_CTX_use_PrivateKey(
      this.#ptr(ctx),
      this.ptr(pkey, "EVP_PKEY"),
    );
  }

  /** 1 if the private key is that of the certificate. */
  SSL_CTX_check_private_key(ctx: SSL_CTX): number {
    return this.c.SSL_CTX_check_private_key(this.#ptr(ctx));
  }

  /** The certificate, borrowed. */
  SSL_CTX_get0_certificate(ctx: SSL_CTX): X509 | null {
    return this.ffi.handles.borrow(
      "X509",
      this.c.SSL_CTX_get0_certificate(this.#ptr(ctx)),
    );
  }

  /** The trusted certificates, borrowed. */
  SSL_CTX_get_cert_store(ctx: SSL_CTX): X509_STORE | null {
    return this.ffi.handles.borrow(
      "X509_STORE",
      this.c.SSL_CTX_get_cert_store(this.#ptr(ctx)),
    );
  }

  /** Sets the trusted certificates; the context takes a reference of its own. */
  SSL_CTX_set1_cert_store(ctx: SSL_CTX, store: X509_STORE): void {
    this.c.SSL_CTX_set1_cert_store(
      this.#ptr(ctx),
      this.ptr(store, "X509_STORE"),
    );
  }

  /** Adds a name to those that a server sends when it asks for a certificate: 1 or 0. */
  SSL_CTX_add1_to_CA_list(ctx: SSL_CTX, x: X509): number {
    return this.c.SSL_CTX_add1_to_CA_list(
      this.#ptr(ctx),
      this.ptr(x, "X509"),
    );
  }

  /** Sets how deep a chain may be. */
  SSL_CTX_set_verify_depth(ctx: SSL_CTX, depth: number): void {
    this.c.SSL_CTX_set_verify_depth(this.#ptr(ctx), int(depth, "depth", 0));
  }

  /** The `SSL_VERIFY_*` bits. */
  SSL_CTX_get_verify_mode(ctx: SSL_CTX): number {
    return this.c.SSL_CTX_get_verify_mode(this.#ptr(ctx));
  }

  /** Lets a client answer certificate requests after the handshake (TLS 1.3). */
  SSL_CTX_set_post_handshake_auth(ctx: SSL_CTX, val: number): void {
    this.c.SSL_CTX_set_post_handshake_auth(this.#ptr(ctx), int(val, "val"));
  }

  /** Sets the client's ALPN protocols, each behind a byte of its length: 0 or not. */
  SSL_CTX_set_alpn_protos(ctx: SSL_CTX, protos: Uint8Array): number {
    return this.memory.withBytes(
      bytes(protos, "protos"),
      (data, length) =>
        this.c.SSL_CTX_set_alpn_protos(this.#ptr(ctx), data, length),
    );
  }

  /** Sets how many tickets a full TLS 1.3 handshake yields: 1. */
  SSL_CTX_set_num_tickets(ctx: SSL_CTX, num_tickets: number): number {
    return this.c.SSL_CTX_set_num_tickets(
      this.#ptr(ctx),
      uint(num_tickets, "num_tickets"),
    );
  }

  /** How many tickets a full TLS 1.3 handshake yields: 2 unless set. */
  SSL_CTX_get_num_tickets(ctx: SSL_CTX): number {
    return this.c.SSL_CTX_get_num_tickets(this.#ptr(ctx));
  }

  /** The keys of stateless tickets, 80 bytes: secrets. */
  SSL_CTX_get_tlsext_ticket_keys(ctx: SSL_CTX): Uint8Array<ArrayBuffer> {
    return this.memory.withBlock(TICKET_KEYS_BYTES, (keys) => {
      this.c.SSL_CTX_ctrl(
        this.#ptr(ctx),
        SSL_CTRL.GET_TLSEXT_TICKET_KEYS,
        TICKET_KEYS_BYTES,
        keys,
      );
      return this.memory.read(keys, TICKET_KEYS_BYTES);
    });
  }

  /** Sets the keys of stateless tickets, 80 bytes: 1 or 0. */
  SSL_CTX_set_tlsext_ticket_keys(ctx: SSL_CTX, keys: Uint8Array): number {
    return this.memory.withBytes(
      bytes(keys, "keys"),
      (data, length) =>
        this.c.SSL_CTX_ctrl(
          this.#ptr(ctx),
          SSL_CTRL.SET_TLSEXT_TICKET_KEYS,
          length,
          data,
        ),
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

  #ctrl(ctx: SSL_CTX, command: number, value = 0): number {
    return this.c.SSL_CTX_ctrl(this.#ptr(ctx), command, value, NULL);
  }

  #ctrlString(ctx: SSL_CTX, command: number, text: string): number {
    return this.memory.withString(
      text,
      (address) => this.c.SSL_CTX_ctrl(this.#ptr(ctx), command, 0, address),
    );
  }
}
