import { NULL, type Ptr } from "../ffi/pointers.ts";
import { FunctionGroup } from "./function_group.ts";
import type { SSL_SESSION, X509 } from "./handles.ts";

/** Sessions as objects: their references, copies and ASN.1 form. */
export class SessionFunctions extends FunctionGroup {
  /** An empty session, owned; `null` without memory. */
  SSL_SESSION_new(): SSL_SESSION | null {
    return this.#made(() => this.c.SSL_SESSION_new());
  }

  /** Takes one more reference to a session, owned: 1. */
  SSL_SESSION_up_ref(session: SSL_SESSION): number {
    const ok = this.c.SSL_SESSION_up_ref(this.#ptr(session));
    if (ok) this.ffi.handles.retain(session, "SSL_SESSION");
    return ok;
  }

  /** Gives back an owned reference; the session is freed with the last one. */
  SSL_SESSION_free(session: SSL_SESSION | null): void {
    if (session === null) return;
    const ptr = this.ffi.handles.release(session, "SSL_SESSION");
    this.ffi.defer(() => this.c.SSL_SESSION_free(ptr));
  }

  /** A copy of a session, owned. */
  SSL_SESSION_dup(session: SSL_SESSION): SSL_SESSION | null {
    return this.ffi.handles.own(
      "SSL_SESSION",
      this.c.SSL_SESSION_dup(this.#ptr(session)),
    );
  }

  /**
   * A session of its ASN.1 form, owned; `null` if `der` isn't one. The handle must
   * go back by `SSL_SESSION_free`, or to OpenSSL by a get callback with `copy` 0.
   */
  d2i_SSL_SESSION(der: Uint8Array): SSL_SESSION | null {
    return this.fromDer(
      der,
      (cursor, length) =>
        this.#made(() => this.c.d2i_SSL_SESSION(NULL, cursor, length)),
    );
  }

  /**
   * The ASN.1 form of a session. It holds the master secret in clear; of the peer's
   * certificates only the leaf is kept, and times are whole seconds.
   */
  i2d_SSL_SESSION(session: SSL_SESSION): Uint8Array<ArrayBuffer> | null {
    const ptr = this.#ptr(session);
    return this.toDer((cursor) => this.c.i2d_SSL_SESSION(ptr, cursor));
  }

  /** 1 if the session can still be resumed. */
  SSL_SESSION_is_resumable(session: SSL_SESSION): number {
    return this.c.SSL_SESSION_is_resumable(this.#ptr(session));
  }

  /** The peer's certificate, borrowed. */
  SSL_SESSION_get0_peer(session: SSL_SESSION): X509 | null {
    return this.ffi.handles.borrow(
      "X509",
      this.c.SSL_SESSION_get0_peer(this.#ptr(session)),
    );
  }

  /** A session that `make` makes, owned; given back if the clock throws meanwhile. */
  #made(make: () => Ptr<"SSL_SESSION">): SSL_SESSION | null {
    return this.ffi.handles.own(
      "SSL_SESSION",
      this.ffi.acquire(make, (ptr) => this.c.SSL_SESSION_free(ptr)),
    );
  }

  #ptr(session: SSL_SESSION): Ptr<"SSL_SESSION"> {
    return this.ptr(session, "SSL_SESSION");
  }
}
