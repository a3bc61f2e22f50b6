import { uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { X509, X509_CRL, X509_STORE } from "../handles.ts";

/** Stores of trusted certificates and of certificate revocation lists. */
export class X509StoreFunctions extends FunctionGroup {
  /** Creates an empty store, owned. */
  X509_STORE_new(): X509_STORE | null {
    return this.ffi.handles.own("X509_STORE", this.c.X509_STORE_new());
  }

  /** Frees an owned reference. */
  X509_STORE_free(store: X509_STORE | null): void {
    if (store === null) return;
    const ptr = this.ffi.handles.release(store, "X509_STORE");
    this.ffi.defer(() => this.c.X509_STORE_free(ptr));
  }

  /**
   * Adds a trusted certificate. Returns 1, or 0 on failure. The store takes a reference of its
   * own.
   */
  X509_STORE_add_cert(store: X509_STORE, x: X509): number {
    return this.c.X509_STORE_add_cert(
      this.ptr(store, "X509_STORE"),
      this.ptr(x, "X509"),
    );
  }

  /** Sets `X509_V_FLAG_*` bits, besides those that are set. Returns 1. */
  X509_STORE_set_flags(store: X509_STORE, flags: number): number {
    return this.c.X509_STORE_set_flags(
      this.ptr(store, "X509_STORE"),
      uint(flags, "flags"),
    );
  }

  /**
   * Adds a certificate revocation list, for `X509_V_FLAG_CRL_CHECK`. Returns 1, or 0 on failure.
   * The store takes a reference of its own.
   */
  X509_STORE_add_crl(store: X509_STORE, crl: X509_CRL): number {
    return this.c.X509_STORE_add_crl(
      this.ptr(store, "X509_STORE"),
      this.ptr(crl, "X509_CRL"),
    );
  }
}
