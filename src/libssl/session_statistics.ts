import type {} from "../ffi/pointers.ts";
import { FunctionGroup } from "./function_group.ts";
import { SSL_CTRL } from "./ctrl.ts";
import type { SSL_CTX } from "./handles.ts";

/** What a context counts. */
export class SessionStatisticFunctions extends FunctionGroup {
  /** How many sessions the internal cache holds. */
  SSL_CTX_sess_number(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_NUMBER);
  }

  /** How many handshakes were started as a client. */
  SSL_CTX_sess_connect(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_CONNECT);
  }

  /** How many handshakes were completed as a client. */
  SSL_CTX_sess_connect_good(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_CONNECT_GOOD);
  }

  /** How many renegotiations were started as a client. */
  SSL_CTX_sess_connect_renegotiate(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_CONNECT_RENEGOTIATE);
  }

  /** How many handshakes were started as a server. */
  SSL_CTX_sess_accept(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_ACCEPT);
  }

  /** How many handshakes were completed as a server. */
  SSL_CTX_sess_accept_good(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_ACCEPT_GOOD);
  }

  /** How many renegotiations were started as a server. */
  SSL_CTX_sess_accept_renegotiate(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_ACCEPT_RENEGOTIATE);
  }

  /** How many sessions were resumed, from wherever they came. */
  SSL_CTX_sess_hits(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_HIT);
  }

  /** How many sessions the get callback found. */
  SSL_CTX_sess_cb_hits(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_CB_HIT);
  }

  /** How many proposed sessions the internal cache didn't have. */
  SSL_CTX_sess_misses(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_MISSES);
  }

  /** How many proposed sessions had expired. */
  SSL_CTX_sess_timeouts(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_TIMEOUTS);
  }

  /** How many sessions were evicted since the internal cache was full. */
  SSL_CTX_sess_cache_full(ctx: SSL_CTX): number {
    return this.contextCtrl(ctx, SSL_CTRL.SESS_CACHE_FULL);
  }
}
