import { offset } from "../ffi/pointers.ts";
import { type Address, NULL, type Ptr } from "../ffi/pointers.ts";
import { bytes, int, seconds, uint } from "./arguments.ts";
import { Chapter } from "./chapter.ts";
import type { SSL_CIPHER, SSL_SESSION, X509 } from "./handles.ts";

const MAX_MASTER_KEY_BYTES = 48;

/** Sessions as objects: references, serialisation, and what they say of themselves. */
export class SessionFunctions extends Chapter {
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

  /** The session id: up to 32 bytes, none for a client's TLS 1.2 ticket. */
  SSL_SESSION_get_id(session: SSL_SESSION): Uint8Array<ArrayBuffer> {
    return this.#get0(session, "SSL_SESSION_get_id");
  }

  /** Sets the session id, 32 bytes at most: 1 or 0. Not of a session in a cache. */
  SSL_SESSION_set1_id(session: SSL_SESSION, sid: Uint8Array): number {
    this.#assertUncached(session, "id");
    return this.#set1(session, "SSL_SESSION_set1_id", bytes(sid, "sid"));
  }

  /** The session id context that the session is bound to. */
  SSL_SESSION_get0_id_context(session: SSL_SESSION): Uint8Array<ArrayBuffer> {
    return this.#get0(session, "SSL_SESSION_get0_id_context");
  }

  /** Sets the session id context, 32 bytes at most: 1 or 0. */
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

  /** When the session was made, in Unix seconds. */
  SSL_SESSION_get_time_ex(session: SSL_SESSION): number {
    return Number(this.c.SSL_SESSION_get_time_ex(this.#ptr(session)));
  }

  /** Sets when the session was made, in Unix seconds: that time. */
  SSL_SESSION_set_time_ex(session: SSL_SESSION, t: number): number {
    return Number(
      this.c.SSL_SESSION_set_time_ex(this.#ptr(session), seconds(t, "t")),
    );
  }

  /** The session's lifetime, in seconds from its making. */
  SSL_SESSION_get_timeout(session: SSL_SESSION): number {
    return this.c.SSL_SESSION_get_timeout(this.#ptr(session));
  }

  /** Sets the session's lifetime in seconds: 1. */
  SSL_SESSION_set_timeout(session: SSL_SESSION, t: number): number {
    return this.c.SSL_SESSION_set_timeout(this.#ptr(session), int(t, "t", 0));
  }

  /** The version that was negotiated, such as `TLS1_3_VERSION`. */
  SSL_SESSION_get_protocol_version(session: SSL_SESSION): number {
    return this.c.SSL_SESSION_get_protocol_version(this.#ptr(session));
  }

  /** Sets the version: 1. Not of a session in a cache. */
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

  /** The cipher suite, borrowed; `null` for an incomplete session. */
  SSL_SESSION_get0_cipher(session: SSL_SESSION): SSL_CIPHER | null {
    return this.ffi.handles.borrow(
      "SSL_CIPHER",
      this.c.SSL_SESSION_get0_cipher(this.#ptr(session)),
    );
  }

  /** Sets the cipher suite: 1. */
  SSL_SESSION_set_cipher(session: SSL_SESSION, cipher: SSL_CIPHER): number {
    return this.c.SSL_SESSION_set_cipher(
      this.#ptr(session),
      this.ptr(cipher, "SSL_CIPHER"),
    );
  }

  /** The server name that the session was negotiated for. */
  SSL_SESSION_get0_hostname(session: SSL_SESSION): string | null {
    return this.memory.readString(
      this.c.SSL_SESSION_get0_hostname(this.#ptr(session)),
    );
  }

  /** Sets the server name: 1 or 0. */
  SSL_SESSION_set1_hostname(
    session: SSL_SESSION,
    hostname: string | null,
  ): number {
    return this.memory.withString(
      hostname,
      (name) => this.c.SSL_SESSION_set1_hostname(this.#ptr(session), name),
    );
  }

  /** The ALPN protocol that was selected; empty if none was. */
  SSL_SESSION_get0_alpn_selected(
    session: SSL_SESSION,
  ): Uint8Array<ArrayBuffer> {
    return this.#out(session, "SSL_SESSION_get0_alpn_selected");
  }

  /** Sets the ALPN protocol: 1 or 0. */
  SSL_SESSION_set1_alpn_selected(
    session: SSL_SESSION,
    alpn: Uint8Array,
  ): number {
    return this.#set1(
      session,
      "SSL_SESSION_set1_alpn_selected",
      bytes(alpn, "alpn", 255),
    );
  }

  /** How many bytes of early data the session allows (RFC 8446, section 4.6.1). */
  SSL_SESSION_get_max_early_data(session: SSL_SESSION): number {
    return this.c.SSL_SESSION_get_max_early_data(this.#ptr(session)) >>> 0;
  }

  /** Sets how many bytes of early data the session allows: 1. */
  SSL_SESSION_set_max_early_data(session: SSL_SESSION, max: number): number {
    return this.c.SSL_SESSION_set_max_early_data(
      this.#ptr(session),
      uint(max, "max"),
    );
  }

  /** 1 if the session has a ticket. */
  SSL_SESSION_has_ticket(session: SSL_SESSION): number {
    return this.c.SSL_SESSION_has_ticket(this.#ptr(session));
  }

  /** The ticket's lifetime as the server hinted it, in seconds. */
  SSL_SESSION_get_ticket_lifetime_hint(session: SSL_SESSION): number {
    return this.c.SSL_SESSION_get_ticket_lifetime_hint(this.#ptr(session)) >>>
      0;
  }

  /** The ticket, as the server sent it; empty if there is none. */
  SSL_SESSION_get0_ticket(session: SSL_SESSION): Uint8Array<ArrayBuffer> {
    return this.#out(session, "SSL_SESSION_get0_ticket");
  }

  /** What the application had put into the ticket. */
  SSL_SESSION_get0_ticket_appdata(
    session: SSL_SESSION,
  ): Uint8Array<ArrayBuffer> {
    return this.#out(session, "SSL_SESSION_get0_ticket_appdata");
  }

  /** Puts data of the application's into the ticket: 1 or 0. */
  SSL_SESSION_set1_ticket_appdata(
    session: SSL_SESSION,
    data: Uint8Array,
  ): number {
    return this.#set1(
      session,
      "SSL_SESSION_set1_ticket_appdata",
      bytes(data, "data"),
    );
  }

  /** The master secret (TLS 1.2) or resumption secret (TLS 1.3): a secret. */
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

  /** Sets the secret, 48 bytes at most: 1 or 0. */
  SSL_SESSION_set1_master_key(session: SSL_SESSION, key: Uint8Array): number {
    return this.#set1(
      session,
      "SSL_SESSION_set1_master_key",
      bytes(key, "key"),
    );
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

  /** Bytes whose address and length C gives by out-parameters. */
  #out(
    session: SSL_SESSION,
    name:
      | "SSL_SESSION_get0_alpn_selected"
      | "SSL_SESSION_get0_ticket"
      | "SSL_SESSION_get0_ticket_appdata",
  ): Uint8Array<ArrayBuffer> {
    const ptr = this.#ptr(session);
    return this.memory.withWords(2, (data) => {
      const length = offset(data, 4);
      this.c[name](ptr, data, length);
      return this.memory.read(
        this.memory.readWord(data) as Address,
        this.memory.readWord(length),
      );
    });
  }

  /** An internal cache finds its sessions, also to free them, by id and version. */
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
      | "SSL_SESSION_set1_alpn_selected"
      | "SSL_SESSION_set1_ticket_appdata"
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
