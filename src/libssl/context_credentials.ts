import type { Ptr } from "../ffi/pointers.ts";
import { int, uint } from "./arguments.ts";
import { FunctionGroup } from "./function_group.ts";
import { SSL_CTRL } from "./ctrl.ts";
import type { EVP_PKEY, SSL_CTX, X509, X509_STORE } from "./handles.ts";
import { withCertificateStack } from "./stack.ts";

/** Certificates, keys and trust of a context (SSL_CTX_use_certificate(3), SSL_CTX_set1_cert_store(3)). */
export class ContextCredentialFunctions extends FunctionGroup {
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

  /**
   * Sets the certificate of its key's type, with its key and the chain above it: 1, or 0 if
   * they don't belong together, or, unless `override` is 1, if there is one of this type.
   */
  SSL_CTX_use_cert_and_key(
    ctx: SSL_CTX,
    x509: X509,
    pkey: EVP_PKEY,
    chain: readonly X509[],
    override: number,
  ): number {
    const [context, leaf, key] = [
      this.ptr(ctx, "SSL_CTX"),
      this.ptr(x509, "X509"),
      this.ptr(pkey, "EVP_PKEY"),
    ];
    return withCertificateStack(
      this.ffi,
      chain,
      (stack) =>
        this.c.SSL_CTX_use_cert_and_key(
          context,
          leaf,
          key,
          stack,
          int(override, "override", 0, 1),
        ),
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

  /** Adds a name to those that servers alone send when they ask for a certificate: 1 or 0. */
  SSL_CTX_add_client_CA(ctx: SSL_CTX, cacert: X509): number {
    return this.c.SSL_CTX_add_client_CA(
      this.ptr(ctx, "SSL_CTX"),
      this.ptr(cacert, "X509"),
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

  /** Sets how large a peer's chain of certificates may be, in bytes: the size before. */
  SSL_CTX_set_max_cert_list(ctx: SSL_CTX, size: number): number {
    return this.contextCtrl(
      ctx,
      SSL_CTRL.SET_MAX_CERT_LIST,
      uint(size, "size", 0x7fff_ffff),
    );
  }

  /** How large a peer's chain of certificates may be, in bytes. */
  SSL_CTX_get_max_cert_list(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.GET_MAX_CERT_LIST);
  }

  /** Lets a client answer certificate requests after the handshake (TLS 1.3). */
  SSL_CTX_set_post_handshake_auth(ctx: SSL_CTX, val: number): void {
    this.c.SSL_CTX_set_post_handshake_auth(this.#ptr(ctx), int(val, "val"));
  }

  #ptr(ctx: SSL_CTX): Ptr<"SSL_CTX"> {
    return this.ptr(ctx, "SSL_CTX");
  }
}
