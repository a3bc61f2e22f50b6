import type { Ptr } from "../../ffi/pointers.ts";
import { int, uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import { SSL_CTRL } from "../ctrl.ts";
import type { EVP_PKEY, SSL_CTX, X509, X509_STORE } from "../handles.ts";
import { withCertificateStack } from "../x509/stack.ts";

/** The certificates, keys and trusted certificates of a context (SSL_CTX_use_certificate(3)). */
export class ContextCredentialFunctions extends FunctionGroup {
  /** Sets the certificate. Returns 1, or 0 on failure. The context takes a reference of its own. */
  SSL_CTX_use_certificate(ctx: SSL_CTX, x: X509): number {
    return this.c.SSL_CTX_use_certificate(this.#ptr(ctx), this.ptr(x, "X509"));
  }

  /** Adds a certificate of the chain above the leaf. Returns 1, or 0 on failure. */
  SSL_CTX_add1_chain_cert(ctx: SSL_CTX, x: X509): number {
    return this.c.SSL_CTX_ctrl(
      this.#ptr(ctx),
      SSL_CTRL.CHAIN_CERT,
      1,
      this.ptr(x, "X509") as number as Ptr<"void">,
    );
  }

  /** Sets the private key. Returns 1, or 0 if it isn't that of the certificate. */
  SSL_CTX_use_PrivateKey(ctx: SSL_CTX, pkey: EVP_PKEY): number {
    return this.c.SSL_CTX_use_PrivateKey(
      this.#ptr(ctx),
      this.ptr(pkey, "EVP_PKEY"),
    );
  }

  /**
   * Sets the certificate for the type of its key, with the key and the chain above it. Returns 1,
   * or 0 if they don't belong together or, unless `override` is 1, if there is a certificate of
   * this type.
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

  /** Returns 1 if the private key is that of the certificate. */
  SSL_CTX_check_private_key(ctx: SSL_CTX): number {
    return this.c.SSL_CTX_check_private_key(this.#ptr(ctx));
  }

  /** Returns the certificate, borrowed. */
  SSL_CTX_get0_certificate(ctx: SSL_CTX): X509 | null {
    return this.ffi.handles.borrow(
      "X509",
      this.c.SSL_CTX_get0_certificate(this.#ptr(ctx)),
    );
  }

  /** Returns the trusted certificates, borrowed. */
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

  /**
   * Adds the subject of a certificate to the CA names that are sent, by servers in certificate
   * requests and by clients in the hello. Returns 1, or 0 on failure.
   */
  SSL_CTX_add1_to_CA_list(ctx: SSL_CTX, x: X509): number {
    return this.c.SSL_CTX_add1_to_CA_list(
      this.#ptr(ctx),
      this.ptr(x, "X509"),
    );
  }

  /**
   * Adds the subject of a certificate to the CA names that servers send in certificate requests.
   * Returns 1, or 0 on failure.
   */
  SSL_CTX_add_client_CA(ctx: SSL_CTX, cacert: X509): number {
    return this.c.SSL_CTX_add_client_CA(
      this.ptr(ctx, "SSL_CTX"),
      this.ptr(cacert, "X509"),
    );
  }

  /** Sets the largest depth of a certificate chain. */
  SSL_CTX_set_verify_depth(ctx: SSL_CTX, depth: number): void {
    this.c.SSL_CTX_set_verify_depth(this.#ptr(ctx), int(depth, "depth", 0));
  }

  /** Returns the `SSL_VERIFY_*` bits. */
  SSL_CTX_get_verify_mode(ctx: SSL_CTX): number {
    return this.c.SSL_CTX_get_verify_mode(this.#ptr(ctx));
  }

  /** Sets the largest size of a peer's certificate chain in bytes. Returns the previous one. */
  SSL_CTX_set_max_cert_list(ctx: SSL_CTX, size: number): number {
    return this.contextCtrl(
      ctx,
      SSL_CTRL.SET_MAX_CERT_LIST,
      uint(size, "size", 0x7fff_ffff),
    );
  }

  /** Returns the largest size of a peer's certificate chain in bytes. */
  SSL_CTX_get_max_cert_list(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.GET_MAX_CERT_LIST);
  }

  /** Sets whether a client offers authentication after the handshake (TLS 1.3): 1 or 0. */
  SSL_CTX_set_post_handshake_auth(ctx: SSL_CTX, val: number): void {
    this.c.SSL_CTX_set_post_handshake_auth(this.#ptr(ctx), int(val, "val"));
  }

  #ptr(ctx: SSL_CTX): Ptr<"SSL_CTX"> {
    return this.ptr(ctx, "SSL_CTX");
  }
}
