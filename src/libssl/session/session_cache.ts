import type { Ptr } from "../../ffi/pointers.ts";
import { bytes, int, seconds, uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import { SSL_CTRL } from "../ctrl.ts";
import type { SSL_CTX, SSL_SESSION } from "../handles.ts";
import { isCachedElsewhere } from "./session_owner.ts";

/**
 * The internal session cache of a context. In a callback OpenSSL may hold the lock of the cache:
 * sessions that are added, removed or flushed there are changed when the outermost call returns.
 */
export class SessionCacheFunctions extends FunctionGroup {
  /**
   * Adds a session to the internal cache. Returns 1, or 0 if it is there already. A session can
   * be in the cache of one context only: add a copy by `SSL_SESSION_dup` to another one.
   */
  SSL_CTX_add_session(ctx: SSL_CTX, session: SSL_SESSION): number {
    return this.#change(ctx, session, "SSL_CTX_add_session");
  }

  /**
   * Removes a session from the internal cache, marks it as not resumable and calls the remove
   * callback, also for a session that isn't in the cache. Returns 1 if it was in the cache, else
   * 0. In a callback it is deferred, and returns 1.
   */
  SSL_CTX_remove_session(ctx: SSL_CTX, session: SSL_SESSION): number {
    return this.#change(ctx, session, "SSL_CTX_remove_session");
  }

  /** Removes the sessions that have expired at `tm`, in Unix seconds; 0 removes all. */
  SSL_CTX_flush_sessions_ex(ctx: SSL_CTX, tm: number): void {
    const ptr = this.ptr(ctx, "SSL_CTX");
    const time = seconds(tm, "tm");
    const flush = (): void => this.c.SSL_CTX_flush_sessions_ex(ptr, time);
    if (this.ffi.inCallback) this.#changeLater(ptr, flush);
    else flush();
  }

  /** Does what {@linkcode SSL_CTX_flush_sessions_ex} does. */
  SSL_CTX_flush_sessions(ctx: SSL_CTX, tm: number): void {
    this.SSL_CTX_flush_sessions_ex(ctx, tm);
  }

  /** Sets the `SSL_SESS_CACHE_*` bits. Returns the previous ones. */
  SSL_CTX_set_session_cache_mode(ctx: SSL_CTX, mode: number): number {
    return this.contextCtrl(
      ctx,
      SSL_CTRL.SET_SESS_CACHE_MODE,
      uint(mode, "mode"),
    );
  }

  /** Returns the `SSL_SESS_CACHE_*` bits. The default is `SSL_SESS_CACHE_SERVER`. */
  SSL_CTX_get_session_cache_mode(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.GET_SESS_CACHE_MODE);
  }

  /** Sets the size of the internal cache, in sessions. Returns the previous one. */
  SSL_CTX_sess_set_cache_size(ctx: SSL_CTX, size: number): number {
    return this.contextCtrl(
      ctx,
      SSL_CTRL.SET_SESS_CACHE_SIZE,
      int(size, "size", 0),
    );
  }

  /** Returns the size of the internal cache, in sessions. The default is 20480; 0 is no limit. */
  SSL_CTX_sess_get_cache_size(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.GET_SESS_CACHE_SIZE);
  }

  /** Sets the lifetime of new sessions in seconds. Returns the previous one. */
  SSL_CTX_set_timeout(ctx: SSL_CTX, t: number): number {
    return this.c.SSL_CTX_set_timeout(
      this.ptr(ctx, "SSL_CTX"),
      int(t, "t", 0),
    );
  }

  /** Returns the lifetime of new sessions in seconds. The default is 7200. */
  SSL_CTX_get_timeout(ctx: SSL_CTX): number {
    return this.c.SSL_CTX_get_timeout(this.ptr(ctx, "SSL_CTX"));
  }

  /** Sets the session id context, at most 32 bytes. Returns 1, or 0 on failure. */
  SSL_CTX_set_session_id_context(ctx: SSL_CTX, sid_ctx: Uint8Array): number {
    return this.memory.withBytes(
      bytes(sid_ctx, "sid_ctx"),
      (data, length) =>
        this.c.SSL_CTX_set_session_id_context(
          this.ptr(ctx, "SSL_CTX"),
          data,
          length,
        ),
    );
  }

  /** Changes the cache now or, in a callback, when the outermost call returns. */
  #change(
    ctx: SSL_CTX,
    session: SSL_SESSION,
    change: "SSL_CTX_add_session" | "SSL_CTX_remove_session",
  ): number {
    const ctxPtr = this.ptr(ctx, "SSL_CTX");
    const sessionPtr = this.ptr(session, "SSL_SESSION");
    const run = (): number => {
      if (
        change === "SSL_CTX_add_session" &&
        isCachedElsewhere(this.c, sessionPtr, ctxPtr)
      ) {
        throw new TypeError(
          "Cannot add the session: it is in another context's cache. Add its SSL_SESSION_dup, or remove it there",
        );
      }
      return this.c[change](ctxPtr, sessionPtr);
    };
    if (!this.ffi.inCallback) return run();
    this.c.SSL_SESSION_up_ref(sessionPtr);
    this.#changeLater(ctxPtr, () => void run());
    this.ffi.defer(() => this.c.SSL_SESSION_free(sessionPtr));
    return 1;
  }

  /** Defers a change, unless the context is being freed and its cache with it. */
  #changeLater(ctx: Ptr<"SSL_CTX">, change: () => void): void {
    if (!this.keepContext(ctx)) return;
    this.ffi.defer(change);
    this.ffi.defer(() => this.c.SSL_CTX_free(ctx));
  }
}
