import type { Ptr } from "../../ffi/pointers.ts";
import { int } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import { SSL_CTRL } from "../ctrl.ts";
import type { EVP_PKEY, SSL_CTX } from "../handles.ts";
import { stackItems } from "../x509/stack.ts";

/** Cipher suites, groups, signature algorithms and the security level of a context. */
export class ContextAlgorithmFunctions extends FunctionGroup {
  /** Sets the security level, 0 to 5. TLS 1.0 and 1.1 need 0. */
  SSL_CTX_set_security_level(ctx: SSL_CTX, level: number): void {
    this.c.SSL_CTX_set_security_level(
      this.#ptr(ctx),
      int(level, "level", 0, 5),
    );
  }

  /** Returns the security level. */
  SSL_CTX_get_security_level(ctx: SSL_CTX): number {
    return this.c.SSL_CTX_get_security_level(this.#ptr(ctx));
  }

  /**
   * Sets the cipher suites of TLS 1.2 and below, in OpenSSL's cipher list format. Returns 1, or 0
   * on failure.
   */
  SSL_CTX_set_cipher_list(ctx: SSL_CTX, str: string): number {
    return this.memory.withString(
      str,
      (list) => this.c.SSL_CTX_set_cipher_list(this.#ptr(ctx), list),
    );
  }

  /** Sets the cipher suites of TLS 1.3, separated by colons. Returns 1, or 0 on failure. */
  SSL_CTX_set_ciphersuites(ctx: SSL_CTX, str: string): number {
    return this.memory.withString(
      str,
      (list) => this.c.SSL_CTX_set_ciphersuites(this.#ptr(ctx), list),
    );
  }

  /** Sets the key exchange groups, separated by colons. Returns 1, or 0 on failure. */
  SSL_CTX_set1_groups_list(ctx: SSL_CTX, list: string): number {
    return this.#ctrlString(ctx, SSL_CTRL.SET_GROUPS_LIST, list);
  }

  /** Sets the signature algorithms, separated by colons. Returns 1, or 0 on failure. */
  SSL_CTX_set1_sigalgs_list(ctx: SSL_CTX, list: string): number {
    return this.#ctrlString(ctx, SSL_CTRL.SET_SIGALGS_LIST, list);
  }

  /** Sets the signature algorithms for client certificates. Returns 1, or 0 on failure. */
  SSL_CTX_set1_client_sigalgs_list(ctx: SSL_CTX, list: string): number {
    return this.#ctrlString(ctx, SSL_CTRL.SET_CLIENT_SIGALGS_LIST, list);
  }

  /** Sets whether a server selects Diffie-Hellman parameters automatically: 1 or 0. Returns 1. */
  SSL_CTX_set_dh_auto(ctx: SSL_CTX, onoff: number): number {
    return this.contextCtrl(ctx, SSL_CTRL.SET_DH_AUTO, int(onoff, "onoff"));
  }

  /**
   * Sets the parameters of Diffie-Hellman of a server, of which the context takes over the
   * reference. Returns 1, or 0 if they are too small for the security level: then the caller keeps
   * it.
   */
  SSL_CTX_set0_tmp_dh_pkey(ctx: SSL_CTX, dhpkey: EVP_PKEY): number {
    const ok = this.c.SSL_CTX_set0_tmp_dh_pkey(
      this.#ptr(ctx),
      this.ptr(dhpkey, "EVP_PKEY"),
    );
    if (ok) this.ffi.handles.release(dhpkey, "EVP_PKEY");
    return ok;
  }

  /** Returns OpenSSL's names of the cipher suites of a context. */
  SSL_CTX_get_ciphers(ctx: SSL_CTX): string[] {
    const stack = this.c.SSL_CTX_get_ciphers(this.#ptr(ctx));
    return stackItems<"SSL_CIPHER">(this.ffi, stack).map((cipher) =>
      this.memory.readString(this.c.SSL_CIPHER_get_name(cipher)) ?? ""
    );
  }

  #ptr(ctx: SSL_CTX): Ptr<"SSL_CTX"> {
    return this.ptr(ctx, "SSL_CTX");
  }

  #ctrlString(ctx: SSL_CTX, command: number, text: string): number {
    return this.memory.withString(
      text,
      (address) => this.c.SSL_CTX_ctrl(this.#ptr(ctx), command, 0, address),
    );
  }
}
