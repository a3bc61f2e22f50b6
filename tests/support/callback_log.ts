/**
 * External session caching over a Map, and a diary of what OpenSSL asked of it.
 *
 * @module
 */
import type { Libssl, SSL_CTX, SSL_SESSION } from "../../src/libssl/mod.ts";

/** A callback's name and the id of the session it was called for, in hex. */
export type Entry = [callback: "new" | "get" | "remove", id: string];

/** Keeps the sessions of a context outside of it. */
export class CallbackLog {
  /** What was called, in order. */
  readonly entries: Entry[] = [];
  /** The sessions that were handed out and not removed, by their ids. */
  readonly sessions: Map<string, Uint8Array<ArrayBuffer>> = new Map();
  readonly #libssl: Libssl;

  /** Sets the three callbacks of `ctx`. */
  constructor(libssl: Libssl, ctx: SSL_CTX) {
    this.#libssl = libssl;
    libssl.SSL_CTX_sess_set_new_cb(ctx, (_ssl, session) => {
      const id = this.#note("new", session);
      const der = libssl.i2d_SSL_SESSION(session);
      if (der) this.sessions.set(id, der);
      return 0;
    });
    libssl.SSL_CTX_sess_set_get_cb(ctx, (_ssl, id, copy) => {
      this.entries.push(["get", id.toHex()]);
      const der = this.sessions.get(id.toHex());
      copy.value = 0;
      return der ? libssl.d2i_SSL_SESSION(der) : null;
    });
    libssl.SSL_CTX_sess_set_remove_cb(ctx, (_ctx, session) => {
      this.sessions.delete(this.#note("remove", session));
    });
  }

  /** The names of what was called, in order. */
  get calls(): string[] {
    return this.entries.map(([name]) => name);
  }

  /** The ids that one callback was called with, in order. */
  ids(callback: Entry[0]): string[] {
    return this.entries.filter(([name]) => name === callback)
      .map(([, id]) => id);
  }

  /** What was called since the last time, by name. */
  take(): string[] {
    return this.entries.splice(0).map(([name]) => name);
  }

  #note(name: Entry[0], session: SSL_SESSION): string {
    const id = this.#libssl.SSL_SESSION_get_id(session).toHex();
    this.entries.push([name, id]);
    return id;
  }
}
