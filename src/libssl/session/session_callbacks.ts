import { SSL_CTRL } from "../ctrl.ts";
import { type AnyCallback, FunctionGroup } from "../function_group.ts";
import { SSL_SESS_CACHE_NO_INTERNAL_STORE } from "../constants.ts";
import type { Out, SSL, SSL_CTX, SSL_SESSION } from "../handles.ts";
import { isCachedElsewhere } from "./session_owner.ts";
import type { Ffi } from "../../ffi/ffi.ts";
import {
  type Address,
  type FnPtr,
  NULL,
  type Ptr,
} from "../../ffi/pointers.ts";

/**
 * Called when a session was negotiated; in TLS 1.3, once for each ticket. Returning 1 keeps
 * `session`, which is then owned; returning 0 doesn't.
 */
export type NewSessionCallback = (ssl: SSL, session: SSL_SESSION) => number;

/** Called when OpenSSL removes a session from the internal cache of `ctx`. */
export type RemoveSessionCallback = (
  ctx: SSL_CTX,
  session: SSL_SESSION,
) => void;

/**
 * Called when a client proposes a session that the internal cache doesn't have. It returns
 * the session, or `null`. `copy.value` is 1: OpenSSL takes a reference of its own, and the
 * caller's stays owned. Set it to 0 to pass the owned reference to OpenSSL.
 *
 * Unless `SSL_SESS_CACHE_NO_INTERNAL_STORE` is set, the session is added to the internal
 * cache too. A session can be in the cache of one context only: to share one between
 * contexts, return a copy, by `d2i_SSL_SESSION` or `SSL_SESSION_dup`.
 */
export type GetSessionCallback = (
  ssl: SSL,
  id: Uint8Array,
  copy: Out<number>,
) => SSL_SESSION | null;

/**
 * The callbacks for external session caching (SSL_CTX_sess_set_get_cb(3)).
 *
 * The callbacks run inside OpenSSL, which may hold the lock of the cache: sessions that they
 * add, remove, flush or free are changed when the outermost call returns. OpenSSL uses the
 * callbacks of the context that a connection was *created from*, not those of a context that
 * was selected by the server name.
 */
export class SessionCallbackFunctions extends FunctionGroup {
  /** Creates the functions of this group for one instance. */
  constructor(ffi: Ffi) {
    super(ffi);
    ffi.implement("new_session", (ssl, session) => this.#onNew(ssl, session));
    ffi.implement("remove_session", (ctx, session) => {
      this.callbackOf<RemoveSessionCallback>(ctx, "remove_session")?.(
        this.passed("SSL_CTX", ctx),
        this.passed("SSL_SESSION", session),
      );
    });
    ffi.implement("get_session", (ssl, id, length, copy) => {
      const out: Out<number> = { value: 1 };
      const session = this.callbackOf<GetSessionCallback>(
        this.initialContext(ssl),
        "get_session",
      )?.(this.passed("SSL", ssl), this.memory.read(id, length), out);
      return session
        ? this.#answer(this.initialContext(ssl), session, out.value, copy)
        : NULL;
    });
  }

  /** Sets the callback for new sessions; `null` clears it. */
  SSL_CTX_sess_set_new_cb(
    ctx: SSL_CTX,
    new_session_cb: NewSessionCallback | null,
  ): void {
    this.setCallback(ctx, "new_session", new_session_cb, (trampoline) => {
      this.c.SSL_CTX_sess_set_new_cb(this.ptr(ctx, "SSL_CTX"), trampoline);
    });
  }

  /** Sets the callback for removed sessions; `null` clears it. */
  SSL_CTX_sess_set_remove_cb(
    ctx: SSL_CTX,
    remove_session_cb: RemoveSessionCallback | null,
  ): void {
    this.setCallback(ctx, "remove_session", remove_session_cb, (trampoline) => {
      this.c.SSL_CTX_sess_set_remove_cb(this.ptr(ctx, "SSL_CTX"), trampoline);
    });
  }

  /** Sets the callback that finds sessions (servers only); `null` clears it. */
  SSL_CTX_sess_set_get_cb(
    ctx: SSL_CTX,
    get_session_cb: GetSessionCallback | null,
  ): void {
    this.setCallback(ctx, "get_session", get_session_cb, (trampoline) => {
      this.c.SSL_CTX_sess_set_get_cb(this.ptr(ctx, "SSL_CTX"), trampoline);
    });
  }

  /** Returns the function that was set for new sessions, or `null`. */
  SSL_CTX_sess_get_new_cb(ctx: SSL_CTX): NewSessionCallback | null {
    return this.#callbackAt(ctx, "new_session", "SSL_CTX_sess_get_new_cb");
  }

  /** Returns the function that was set for removed sessions, or `null`. */
  SSL_CTX_sess_get_remove_cb(ctx: SSL_CTX): RemoveSessionCallback | null {
    return this.#callbackAt(
      ctx,
      "remove_session",
      "SSL_CTX_sess_get_remove_cb",
    );
  }

  /** Returns the function that was set to find sessions, or `null`. */
  SSL_CTX_sess_get_get_cb(ctx: SSL_CTX): GetSessionCallback | null {
    return this.#callbackAt(ctx, "get_session", "SSL_CTX_sess_get_get_cb");
  }

  #onNew(ssl: Ptr<"SSL">, session: Ptr<"SSL_SESSION">): number {
    const ctx = this.initialContext(ssl);
    const handle = this.passed("SSL_SESSION", session);
    const keep = this.callbackOf<NewSessionCallback>(ctx, "new_session")?.(
      this.passed("SSL", ssl),
      handle,
    ) ?? 0;
    if (keep === 0 || typeof keep !== "number") return keep;
    this.ffi.handles.retain(handle, "SSL_SESSION");
    return 1;
  }

  /** The session of the get callback, for C, which adds it to the internal cache. */
  #answer(
    ctx: Ptr<"SSL_CTX">,
    session: SSL_SESSION,
    copied: number,
    copy: Address,
  ): number {
    const { handles } = this.ffi;
    let ptr = this.ptr(session, "SSL_SESSION");
    const isShared = this.#fillsCache(ctx) &&
      isCachedElsewhere(this.c, ptr, ctx);
    if (!copied) handles.release(session, "SSL_SESSION");
    if (isShared) {
      const original = ptr;
      ptr = this.c.SSL_SESSION_dup(original);
      if (!copied) this.c.SSL_SESSION_free(original);
    }
    this.memory.writeWord(copy, copied && !isShared ? 1 : 0);
    return ptr;
  }

  #fillsCache(ctx: Ptr<"SSL_CTX">): boolean {
    const mode = this.c.SSL_CTX_ctrl(
      ctx,
      SSL_CTRL.GET_SESS_CACHE_MODE,
      0,
      NULL,
    );
    return !(mode & SSL_SESS_CACHE_NO_INTERNAL_STORE);
  }

  /** The callback of a context; `null` where OpenSSL itself has none. */
  #callbackAt<F extends AnyCallback>(
    ctx: SSL_CTX,
    name: "new_session" | "remove_session" | "get_session",
    getter:
      | "SSL_CTX_sess_get_new_cb"
      | "SSL_CTX_sess_get_remove_cb"
      | "SSL_CTX_sess_get_get_cb",
  ): F | null {
    const ptr = this.ptr(ctx, "SSL_CTX");
    const trampoline = this.c[getter](ptr) as FnPtr;
    return trampoline === 0 ? null : this.callbackOf<F>(ptr, name) ?? null;
  }
}
