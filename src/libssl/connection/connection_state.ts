import { type Address, offset, type Ptr } from "../../ffi/pointers.ts";
import { bytes, uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { SSL, SSL_CTX, SSL_SESSION } from "../handles.ts";

/** The state of a connection, and what it has negotiated. */
export class ConnectionStateFunctions extends FunctionGroup {
  /** Returns the name of the protocol version, such as `"TLSv1.3"`. */
  SSL_get_version(ssl: SSL): string {
    return this.#string(this.c.SSL_get_version(this.#ptr(ssl))) ?? "";
  }

  /** Returns the protocol version, such as `TLS1_3_VERSION`. */
  SSL_version(ssl: SSL): number {
    return this.c.SSL_version(this.#ptr(ssl));
  }

  /** Returns 1 if a session was resumed. */
  SSL_session_reused(ssl: SSL): number {
    return this.c.SSL_session_reused(this.#ptr(ssl));
  }

  /** Returns the session, borrowed. */
  SSL_get_session(ssl: SSL): SSL_SESSION | null {
    return this.ffi.handles.borrow(
      "SSL_SESSION",
      this.c.SSL_get_session(this.#ptr(ssl)),
    );
  }

  /**
   * Returns the session, owned. In TLS 1.3 it is resumable only once a ticket has been received.
   */
  SSL_get1_session(ssl: SSL): SSL_SESSION | null {
    return this.ffi.handles.own(
      "SSL_SESSION",
      this.c.SSL_get1_session(this.#ptr(ssl)),
    );
  }

  /** Returns the current context, borrowed. */
  SSL_get_SSL_CTX(ssl: SSL): SSL_CTX | null {
    return this.ffi.handles.borrow(
      "SSL_CTX",
      this.c.SSL_get_SSL_CTX(this.#ptr(ssl)),
    );
  }

  /** Returns the name of the key exchange group, such as `"x25519"`. */
  SSL_get0_group_name(ssl: SSL): string | null {
    const ptr = this.#ptr(ssl);
    // C follows the session's pointer, even if there is none yet.
    return this.c.SSL_get_session(ptr) === 0
      ? null
      : this.#string(this.c.SSL_get0_group_name(ptr));
  }

  /** Returns the ALPN protocol that was selected; empty if none was. */
  SSL_get0_alpn_selected(ssl: SSL): Uint8Array<ArrayBuffer> {
    const ptr = this.#ptr(ssl);
    return this.memory.withWords(2, (data) => {
      const length = offset(data, 4);
      this.c.SSL_get0_alpn_selected(ptr, data, length);
      return this.memory.read(
        this.memory.readWord(data) as Address,
        this.memory.readWord(length),
      );
    });
  }

  /** Returns the server name that the client sent, of a type; 0 is a host name. */
  SSL_get_servername(ssl: SSL, type = 0): string | null {
    return this.#string(
      this.c.SSL_get_servername(this.#ptr(ssl), uint(type, "type")),
    );
  }

  /** Returns the identity of the pre-shared key that was used. */
  SSL_get_psk_identity(ssl: SSL): string | null {
    return this.#string(this.c.SSL_get_psk_identity(this.#ptr(ssl)));
  }

  /** Returns the number of tickets that a full handshake issues. */
  SSL_get_num_tickets(ssl: SSL): number {
    return this.c.SSL_get_num_tickets(this.#ptr(ssl));
  }

  /** Returns 1 if the internal cache has a session with this id (servers). */
  SSL_has_matching_session_id(ssl: SSL, id: Uint8Array): number {
    return this.memory.withBytes(
      bytes(id, "id", 32),
      (data, length) =>
        this.c.SSL_has_matching_session_id(this.#ptr(ssl), data, length),
    );
  }

  /** Returns the number of decrypted bytes that wait to be read. */
  SSL_pending(ssl: SSL): number {
    return this.c.SSL_pending(this.#ptr(ssl));
  }

  /** Returns 1 if any bytes wait to be processed, decrypted or not. */
  SSL_has_pending(ssl: SSL): number {
    return this.c.SSL_has_pending(this.#ptr(ssl));
  }

  /** Returns which close_notify alerts were sent and received, `SSL_*_SHUTDOWN`. */
  SSL_get_shutdown(ssl: SSL): number {
    return this.c.SSL_get_shutdown(this.#ptr(ssl));
  }

  /** Returns 1 if the handshake is complete. */
  SSL_is_init_finished(ssl: SSL): number {
    return this.c.SSL_is_init_finished(this.#ptr(ssl));
  }

  /** Returns 1 if a handshake is in progress. */
  SSL_in_init(ssl: SSL): number {
    return this.c.SSL_in_init(this.#ptr(ssl));
  }

  /** Returns 1 for a server, and 0 for a client. */
  SSL_is_server(ssl: SSL): number {
    return this.c.SSL_is_server(this.#ptr(ssl));
  }

  /** Returns the state of the handshake as text. */
  SSL_state_string_long(ssl: SSL): string {
    return this.#string(this.c.SSL_state_string_long(this.#ptr(ssl))) ?? "";
  }

  /** Returns the level of an alert as text, of the value that an info callback was given. */
  SSL_alert_type_string_long(value: number): string {
    return this.#string(
      this.c.SSL_alert_type_string_long(uint(value, "value")),
    ) ?? "";
  }

  /** Returns the description of an alert as text, of the value that an info callback was given. */
  SSL_alert_desc_string_long(value: number): string {
    return this.#string(
      this.c.SSL_alert_desc_string_long(uint(value, "value")),
    ) ?? "";
  }

  #ptr(ssl: SSL): Ptr<"SSL"> {
    return this.ptr(ssl, "SSL");
  }

  #string(address: Address): string | null {
    return this.memory.readString(address);
  }
}
