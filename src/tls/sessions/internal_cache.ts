import type { SSL_CTX } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";

/** How far a clock may be set back, in milliseconds: as much as those of servers may differ. */
const MAX_SKEW = 3_600_000;

/**
 * OpenSSL's internal cache, where it is the only one that has a context's sessions. OpenSSL
 * measures a session's lifetime from its time of creation, so that one of a clock that was
 * ahead would last until the clock is there again: the cache is emptied when the clock is set
 * back.
 */
export class InternalCache {
  readonly #openssl: OpenSSL;
  readonly #ctx: SSL_CTX;
  #latest = -Infinity;

  /** That of a context. */
  constructor(openssl: OpenSSL, ctx: SSL_CTX) {
    this.#openssl = openssl;
    this.#ctx = ctx;
  }

  /** To be called before a connection begins, and when its handshake is done. */
  checkClock(): void {
    const now = this.#openssl.now();
    if (now < this.#latest - MAX_SKEW) {
      this.#openssl.libssl.SSL_CTX_flush_sessions_ex(this.#ctx, 0);
      this.#latest = now;
    }
    this.#latest = Math.max(this.#latest, now);
  }
}
