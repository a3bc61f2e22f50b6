import type {} from "../../ffi/pointers.ts";
import { FunctionGroup } from "../function_group.ts";
import { SSL_CTRL } from "../ctrl.ts";
import type { SSL_CTX } from "../handles.ts";

/** The session statistics of a context (SSL_CTX_sess_number(3)). */
export class SessionStatisticFunctions extends FunctionGroup {
  /** Returns the number of sessions in the internal cache. */
  SSL_CTX_sess_number(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_NUMBER);
  }

  /** Returns the number of handshakes that were started as a client. */
  SSL_CTX_sess_connect(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_CONNECT);
  }

  /** Returns the number of handshakes that were completed as a client. */
  SSL_CTX_sess_connect_good(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_CONNECT_GOOD);
  }

  /** Returns the number of renegotiations that were started as a client. */
  SSL_CTX_sess_connect_renegotiate(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_CONNECT_RENEGOTIATE);
  }

  /** Returns the number of handshakes that were started as a server. */
  SSL_CTX_sess_accept(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_ACCEPT);
  }

  /** Returns the number of handshakes that were completed as a server. */
  SSL_CTX_sess_accept_good(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_ACCEPT_GOOD);
  }

  /** Returns the number of renegotiations that were started as a server. */
  SSL_CTX_sess_accept_renegotiate(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_ACCEPT_RENEGOTIATE);
  }

  /** Returns the number of sessions that were resumed. */
  SSL_CTX_sess_hits(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_HIT);
  }

  /** Returns the number of sessions that the get callback returned. */
  SSL_CTX_sess_cb_hits(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_CB_HIT);
  }

  /** Returns the number of proposed sessions that weren't in the internal cache. */
  SSL_CTX_sess_misses(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_MISSES);
  }

  /** Returns the number of proposed sessions that had expired. */
  SSL_CTX_sess_timeouts(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_TIMEOUTS);
  }

  /** Returns the number of sessions that were removed because the internal cache was full. */
  SSL_CTX_sess_cache_full(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_CACHE_FULL);
  }
}
