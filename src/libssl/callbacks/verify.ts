import type { Ffi } from "../../ffi/ffi.ts";
import { NULL, type Ptr } from "../../ffi/pointers.ts";
import { int } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { SSL, SSL_CTX, X509, X509_STORE_CTX } from "../handles.ts";

/**
 * Called for each certificate of the peer's chain. It returns 1 to accept it, and 0 to reject it.
 */
export type VerifyCallback = (
  preverify_ok: number,
  x509_ctx: X509_STORE_CTX,
  ssl: SSL,
) => number;

/** The verification of peers, and the one in progress (SSL_CTX_set_verify(3)). */
export class VerifyFunctions extends FunctionGroup {
  /** Creates the functions of this group for one instance. */
  constructor(ffi: Ffi) {
    super(ffi);
    ffi.implement(
      "verify",
      (preverifyOk, storeCtx, ssl) =>
        this.#onVerify(preverifyOk, storeCtx, ssl),
    );
  }

  /** Sets how peers are verified, `SSL_VERIFY_*`, and the verify callback. */
  SSL_CTX_set_verify(
    ctx: SSL_CTX,
    mode: number,
    verify_callback: VerifyCallback | null,
  ): void {
    this.setCallback(ctx, "verify", verify_callback, (trampoline) => {
      this.c.SSL_CTX_set_verify(
        this.ptr(ctx, "SSL_CTX"),
        int(mode, "mode", 0),
        trampoline,
      );
    });
  }

  /**
   * Does what {@linkcode SSL_CTX_set_verify} does, for one connection; `null` leaves the callback
   * as it is.
   */
  SSL_set_verify(
    ssl: SSL,
    mode: number,
    verify_callback: VerifyCallback | null,
  ): void {
    const set = (trampoline: Ptr<"function">): void =>
      this.c.SSL_set_verify(
        this.ptr(ssl, "SSL"),
        int(mode, "mode", 0),
        trampoline,
      );
    if (verify_callback === null) set(NULL);
    else this.setCallback(ssl, "verify", verify_callback, set);
  }

  /** Returns the error of the verification in progress, `X509_V_*`. */
  X509_STORE_CTX_get_error(ctx: X509_STORE_CTX): number {
    return this.c.X509_STORE_CTX_get_error(this.ptr(ctx, "X509_STORE_CTX"));
  }

  /** Returns the depth in the chain of the certificate that is being verified; 0 is the leaf. */
  X509_STORE_CTX_get_error_depth(ctx: X509_STORE_CTX): number {
    return this.c.X509_STORE_CTX_get_error_depth(
      this.ptr(ctx, "X509_STORE_CTX"),
    );
  }

  /** Returns the certificate that is being verified, borrowed. */
  X509_STORE_CTX_get_current_cert(ctx: X509_STORE_CTX): X509 | null {
    return this.ffi.handles.borrow(
      "X509",
      this.c.X509_STORE_CTX_get_current_cert(this.ptr(ctx, "X509_STORE_CTX")),
    );
  }

  /** Sets the error of the verification in progress. */
  X509_STORE_CTX_set_error(ctx: X509_STORE_CTX, s: number): void {
    this.c.X509_STORE_CTX_set_error(
      this.ptr(ctx, "X509_STORE_CTX"),
      int(s, "s"),
    );
  }

  #onVerify(
    preverifyOk: number,
    storeCtx: Ptr<"X509_STORE_CTX">,
    ssl: Ptr<"SSL">,
  ): number {
    const callback = this.callbackOf<VerifyCallback>(ssl, "verify");
    if (!callback) return preverifyOk;
    try {
      return callback(
        preverifyOk,
        this.passed("X509_STORE_CTX", storeCtx),
        this.passed("SSL", ssl),
      );
    } finally {
      this.ffi.handles.freed(storeCtx);
    }
  }
}
