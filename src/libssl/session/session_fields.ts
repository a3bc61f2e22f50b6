import { NULL, type Ptr } from "../../ffi/pointers.ts";
import { bytes, int, seconds, uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { SSL_CIPHER, SSL_SESSION } from "../handles.ts";

const MAX_MASTER_KEY_BYTES = 48;

/** The id, times, version, cipher suite and secret of a session. */
export class SessionFieldFunctions extends FunctionGroup {
  /** Returns the session id, up to 32 bytes; empty for a client's session of a TLS 1.2 ticket. */
  SSL_SESSION_get_id(session: SSL_SESSION): Uint8Array<ArrayBuffer> {
    return this.#get0(session, "SSL_SESSION_get_id");
  }

  /**
   * Sets the session id, at most 32 bytes. Returns 1, or 0 on failure. Throws a `TypeError` for a
   * session in a cache.
   */
  SSL_SESSION_set1_id(session: SSL_SESSION, sid: Uint8Array): number {
    this.#assertUncached(session, "id");
    return this.#set1(session, "SSL_SESSION_set1_id", bytes(sid, "sid"));
  }

  /** Returns the session id context that the session is bound to. */
  SSL_SESSION_get0_id_context(session: SSL_SESSION): Uint8Array<ArrayBuffer> {
    return this.#get0(session, "SSL_SESSION_get0_id_context");
  }

  /** Sets the session id context, 32 bytes at most. Returns 1, or 0 on failure. */
  SSL_SESSION_set1_id_context(
    session: SSL_SESSION,
    sid_ctx: Uint8Array,
  ): number {
    return this.#set1(
      session,
      "SSL_SESSION_set1_id_context",
      bytes(sid_ctx, "sid_ctx"),
    );
  }

  /** Returns the time of the session's creation, in Unix seconds. */
  SSL_SESSION_get_time_ex(session: SSL_SESSION): number {
    return Number(this.c.SSL_SESSION_get_time_ex(this.#ptr(session)));
  }

  /** Sets the time of the session's creation, in Unix seconds. Returns that time. */
  SSL_SESSION_set_time_ex(session: SSL_SESSION, t: number): number {
    return Number(
      this.c.SSL_SESSION_set_time_ex(this.#ptr(session), seconds(t, "t")),
    );
  }

  /** Returns the lifetime of the session, in seconds from its creation. */
  SSL_SESSION_get_timeout(session: SSL_SESSION): number {
    return this.c.SSL_SESSION_get_timeout(this.#ptr(session));
  }

  /** Sets the lifetime of the session in seconds. Returns 1. */
  SSL_SESSION_set_timeout(session: SSL_SESSION, t: number): number {
    return this.c.SSL_SESSION_set_timeout(this.#ptr(session), int(t, "t", 0));
  }

  /** Returns the protocol version, such as `TLS1_3_VERSION`. */
  SSL_SESSION_get_protocol_version(session: SSL_SESSION): number {
    return this.c.SSL_SESSION_get_protocol_version(this.#ptr(session));
  }

  /** Sets the protocol version. Returns 1. Throws a `TypeError` for a session in a cache. */
  SSL_SESSION_set_protocol_version(
    session: SSL_SESSION,
    version: number,
  ): number {
    this.#assertUncached(session, "version");
    return this.c.SSL_SESSION_set_protocol_version(
      this.#ptr(session),
      uint(version, "version", 0xffff),
    );
  }

  /** Returns the cipher suite, borrowed; `null` for an incomplete session. */
  SSL_SESSION_get0_cipher(session: SSL_SESSION): SSL_CIPHER | null {
    return this.ffi.handles.borrow(
      "SSL_CIPHER",
      this.c.SSL_SESSION_get0_cipher(this.#ptr(session)),
    );
  }

  /** Sets the cipher suite. Returns 1. */
  SSL_SESSION_set_cipher(session: SSL_SESSION, cipher: SSL_CIPHER): number {
    return this.c.SSL_SESSION_set_cipher(
      this.#ptr(session),
      this.ptr(cipher, "SSL_CIPHER"),
    );
  }

  /** Returns the master secret (TLS 1.2) or the resumption secret (TLS 1.3). */
  SSL_SESSION_get_master_key(session: SSL_SESSION): Uint8Array<ArrayBuffer> {
    const ptr = this.#ptr(session);
    return this.memory.withBlock(
      MAX_MASTER_KEY_BYTES,
      (out) =>
        this.memory.read(
          out,
          this.c.SSL_SESSION_get_master_key(ptr, out, MAX_MASTER_KEY_BYTES),
        ),
    );
  }

  /** Sets the secret, at most 48 bytes. Returns 1, or 0 on failure. */
  SSL_SESSION_set1_master_key(session: SSL_SESSION, key: Uint8Array): number {
    return this.#set1(
      session,
      "SSL_SESSION_set1_master_key",
      bytes(key, "key"),
    );
  }

  #ptr(session: SSL_SESSION): Ptr<"SSL_SESSION"> {
    return this.ptr(session, "SSL_SESSION");
  }

  /** Bytes that C returns, with their length by out-parameter. */
  #get0(
    session: SSL_SESSION,
    name: "SSL_SESSION_get_id" | "SSL_SESSION_get0_id_context",
  ): Uint8Array<ArrayBuffer> {
    const ptr = this.#ptr(session);
    return this.memory.withWords(1, (length) => {
      const data = this.c[name](ptr, length);
      return this.memory.read(data, this.memory.readWord(length));
    });
  }

  /** Throws for a session in an internal cache, which finds its sessions by id and version. */
  #assertUncached(session: SSL_SESSION, what: string): void {
    if (this.c.sesame_session_owner(this.#ptr(session)) === NULL) return;
    throw new TypeError(
      `Cannot set the ${what} of a session in an internal cache: remove it there first, or change its SSL_SESSION_dup`,
    );
  }

  #set1(
    session: SSL_SESSION,
    name:
      | "SSL_SESSION_set1_id"
      | "SSL_SESSION_set1_id_context"
      | "SSL_SESSION_set1_master_key",
    data: Uint8Array,
  ): number {
    const ptr = this.#ptr(session);
    return this.memory.withBytes(
      data,
      (address, length) => this.c[name](ptr, address, length),
    );
  }
}
