import { NULL, type Ptr } from "../../ffi/pointers.ts";
import { FunctionGroup } from "../function_group.ts";
import type { SSL_SESSION, X509 } from "../handles.ts";

/** Sessions: their references, copies and ASN.1 form (d2i_SSL_SESSION(3)). */
export class SessionFunctions extends FunctionGroup {
  /** Creates an empty session, owned. Returns `null` if there is no memory. */
  SSL_SESSION_new(): SSL_SESSION | null {
    return this.#made(() => this.c.SSL_SESSION_new());
  }

  /** Takes another reference to a session, owned. Returns 1. */
  SSL_SESSION_up_ref(session: SSL_SESSION): number {
    const ok = this.c.SSL_SESSION_up_ref(this.#ptr(session));
    if (ok) this.ffi.handles.retain(session, "SSL_SESSION");
    return ok;
  }

  /** Frees an owned reference. The session is freed with the last one. */
  SSL_SESSION_free(session: SSL_SESSION | null): void {
    if (session === null) return;
    const ptr = this.ffi.handles.release(session, "SSL_SESSION");
    this.ffi.defer(() => this.c.SSL_SESSION_free(ptr));
  }

  /** Returns a copy of a session, owned. */
  SSL_SESSION_dup(session: SSL_SESSION): SSL_SESSION | null {
    return this.ffi.handles.own(
      "SSL_SESSION",
      this.c.SSL_SESSION_dup(this.#ptr(session)),
    );
  }

  /**
   * Reads a session in ASN.1 form, owned. Returns `null` if `der` isn't a session. Free it by
   * `SSL_SESSION_free`, or return it from a get callback with `copy` 0.
   */
  d2i_SSL_SESSION(der: Uint8Array): SSL_SESSION | null {
    return this.fromDer(
      der,
      (cursor, length) =>
        this.#made(() => this.c.d2i_SSL_SESSION(NULL, cursor, length)),
    );
  }

  /**
   * Returns the ASN.1 form of a session. It contains the master secret in clear. Of the peer's
   * certificates it has only the leaf, and its times are whole seconds.
   */
  i2d_SSL_SESSION(session: SSL_SESSION): Uint8Array<ArrayBuffer> | null {
    const ptr = this.#ptr(session);
    return this.toDer((cursor) => this.c.i2d_SSL_SESSION(ptr, cursor));
  }

  /** Returns 1 if the session can be resumed. */
  SSL_SESSION_is_resumable(session: SSL_SESSION): number {
    return this.c.SSL_SESSION_is_resumable(this.#ptr(session));
  }

  /** Returns the peer's certificate, borrowed. */
  SSL_SESSION_get0_peer(session: SSL_SESSION): X509 | null {
    return this.ffi.handles.borrow(
      "X509",
      this.c.SSL_SESSION_get0_peer(this.#ptr(session)),
    );
  }

  /** The session that `make` creates, owned. It is freed if the clock throws in that call. */
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
