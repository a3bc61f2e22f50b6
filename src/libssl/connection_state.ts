import type { Address, Ptr } from "../ffi/pointers.ts";
import { offset } from "../ffi/pointers.ts";
import { bytes, uint, utf8 } from "./arguments.ts";
import { Chapter } from "./chapter.ts";
import type { SSL, SSL_CIPHER, SSL_CTX, SSL_SESSION, X509 } from "./handles.ts";

const MAX_FINISHED_BYTES = 64;
const RANDOM_BYTES = 32;

/** What a connection says of itself and of its peer. */
export class ConnectionStateFunctions extends Chapter {
  /** The name of the version, such as `"TLSv1.3"`. */
  SSL_get_version(ssl: SSL): string {
    return this.#string(this.c.SSL_get_version(this.#ptr(ssl))) ?? "";
  }

  /** The version, such as `TLS1_3_VERSION`. */
  SSL_version(ssl: SSL): number {
    return this.c.SSL_version(this.#ptr(ssl));
  }

  /** 1 if a session was resumed. */
  SSL_session_reused(ssl: SSL): number {
    return this.c.SSL_session_reused(this.#ptr(ssl));
  }

  /** The session, borrowed. */
  SSL_get_session(ssl: SSL): SSL_SESSION | null {
    return this.ffi.handles.borrow(
      "SSL_SESSION",
      this.c.SSL_get_session(this.#ptr(ssl)),
    );
  }

  /** The session, owned. In TLS 1.3 it is resumable only once a ticket has come. */
  SSL_get1_session(ssl: SSL): SSL_SESSION | null {
    return this.ffi.handles.own(
      "SSL_SESSION",
      this.c.SSL_get1_session(this.#ptr(ssl)),
    );
  }

  /** The context, borrowed: the one that serves now. */
  SSL_get_SSL_CTX(ssl: SSL): SSL_CTX | null {
    return this.ffi.handles.borrow(
      "SSL_CTX",
      this.c.SSL_get_SSL_CTX(this.#ptr(ssl)),
    );
  }

  /** The cipher suite, borrowed; `null` before there is one. */
  SSL_get_current_cipher(ssl: SSL): SSL_CIPHER | null {
    return this.ffi.handles.borrow(
      "SSL_CIPHER",
      this.c.SSL_get_current_cipher(this.#ptr(ssl)),
    );
  }

  /** The cipher suite that was selected, also while the handshake is under way. */
  SSL_get_pending_cipher(ssl: SSL): SSL_CIPHER | null {
    return this.ffi.handles.borrow(
      "SSL_CIPHER",
      this.c.SSL_get_pending_cipher(this.#ptr(ssl)),
    );
  }

  /** OpenSSL's name of a cipher suite. */
  SSL_CIPHER_get_name(cipher: SSL_CIPHER): string {
    return this.#string(
      this.c.SSL_CIPHER_get_name(this.ptr(cipher, "SSL_CIPHER")),
    ) ?? "";
  }

  /** The RFCs' name of a cipher suite. */
  SSL_CIPHER_standard_name(cipher: SSL_CIPHER): string {
    return this.#string(
      this.c.SSL_CIPHER_standard_name(this.ptr(cipher, "SSL_CIPHER")),
    ) ?? "";
  }

  /** The version a cipher suite belongs to. */
  SSL_CIPHER_get_version(cipher: SSL_CIPHER): string {
    return this.#string(
      this.c.SSL_CIPHER_get_version(this.ptr(cipher, "SSL_CIPHER")),
    ) ?? "";
  }

  /** The strength of a cipher suite, in bits. */
  SSL_CIPHER_get_bits(cipher: SSL_CIPHER): number {
    return this.c.SSL_CIPHER_get_bits(
      this.ptr(cipher, "SSL_CIPHER"),
      0 as Address,
    );
  }

  /** The cipher suite of a two-byte code as it stands in a hello, borrowed. */
  SSL_CIPHER_find(ssl: SSL, code: Uint8Array): SSL_CIPHER | null {
    const view = bytes(code, "code");
    if (view.length !== 2) {
      throw new RangeError(`code must be 2 bytes, received ${view.length}`);
    }
    return this.memory.withBytes(
      view,
      (data) =>
        this.ffi.handles.borrow(
          "SSL_CIPHER",
          this.c.SSL_CIPHER_find(this.#ptr(ssl), data),
        ),
    );
  }

  /** OpenSSL's names of the cipher suites that the connection would use. */
  SSL_get1_supported_ciphers(ssl: SSL): string[] {
    const stack = this.c.SSL_get1_supported_ciphers(this.#ptr(ssl));
    if (stack === 0) return [];
    const names = this.#items<"SSL_CIPHER">(stack).map((cipher) =>
      this.#string(this.c.SSL_CIPHER_get_name(cipher)) ?? ""
    );
    this.c.OPENSSL_sk_free(stack);
    return names;
  }

  /** The name of the key exchange group, such as `"x25519"`. */
  SSL_get0_group_name(ssl: SSL): string | null {
    const ptr = this.#ptr(ssl);
    // C follows the session's pointer, even if there is none yet.
    return this.c.SSL_get_session(ptr) === 0
      ? null
      : this.#string(this.c.SSL_get0_group_name(ptr));
  }

  /** The ALPN protocol that was selected; empty if none was. */
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

  /** The server name that the client asked for, by type; 0 is a host name. */
  SSL_get_servername(ssl: SSL, type = 0): string | null {
    return this.#string(
      this.c.SSL_get_servername(this.#ptr(ssl), uint(type, "type")),
    );
  }

  /** The certificate that this side presents, borrowed. */
  SSL_get_certificate(ssl: SSL): X509 | null {
    return this.ffi.handles.borrow(
      "X509",
      this.c.SSL_get_certificate(this.#ptr(ssl)),
    );
  }

  /** The peer's certificate, borrowed. */
  SSL_get0_peer_certificate(ssl: SSL): X509 | null {
    return this.ffi.handles.borrow(
      "X509",
      this.c.SSL_get0_peer_certificate(this.#ptr(ssl)),
    );
  }

  /** The chain that the peer sent, borrowed; a server's leaves out the client's leaf. */
  SSL_get_peer_cert_chain(ssl: SSL): X509[] {
    return this.#certificates(this.c.SSL_get_peer_cert_chain(this.#ptr(ssl)));
  }

  /** The chain that was verified, from the leaf to the trusted root, borrowed. */
  SSL_get0_verified_chain(ssl: SSL): X509[] {
    return this.#certificates(this.c.SSL_get0_verified_chain(this.#ptr(ssl)));
  }

  /** The name in the peer's certificate that matched. */
  SSL_get0_peername(ssl: SSL): string | null {
    return this.#string(this.c.SSL_get0_peername(this.#ptr(ssl)));
  }

  /** The result of verification, `X509_V_*`. */
  SSL_get_verify_result(ssl: SSL): number {
    return this.c.SSL_get_verify_result(this.#ptr(ssl));
  }

  /** The `SSL_VERIFY_*` bits. */
  SSL_get_verify_mode(ssl: SSL): number {
    return this.c.SSL_get_verify_mode(this.#ptr(ssl));
  }

  /** The identity of the pre-shared key that was used. */
  SSL_get_psk_identity(ssl: SSL): string | null {
    return this.#string(this.c.SSL_get_psk_identity(this.#ptr(ssl)));
  }

  /** How many tickets the handshake yields. */
  SSL_get_num_tickets(ssl: SSL): number {
    return this.c.SSL_get_num_tickets(this.#ptr(ssl));
  }

  /** 1 if the internal cache has a session with this id (servers). */
  SSL_has_matching_session_id(ssl: SSL, id: Uint8Array): number {
    return this.memory.withBytes(
      bytes(id, "id", 32),
      (data, length) =>
        this.c.SSL_has_matching_session_id(this.#ptr(ssl), data, length),
    );
  }

  /** Key material derived from the connection (RFC 5705, RFC 8446 7.5); `null` on failure. */
  SSL_export_keying_material(
    ssl: SSL,
    length: number,
    label: string,
    context: Uint8Array | null,
  ): Uint8Array<ArrayBuffer> | null {
    const ptr = this.#ptr(ssl);
    uint(length, "length", 0xffff);
    return this.memory.withBlock(
      Math.max(length, 1),
      (out) =>
        this.memory.withBytes(
          utf8(label, "label"),
          (text, textLength) =>
            this.memory.withBytes(
              context === null ? new Uint8Array() : bytes(context, "context"),
              (data, dataLength) =>
                this.c.SSL_export_keying_material(
                    ptr,
                    out,
                    length,
                    text,
                    textLength,
                    data,
                    dataLength,
                    context === null ? 0 : 1,
                  ) === 1
                  ? this.memory.read(out, length)
                  : null,
            ),
        ),
    );
  }

  /** The client's random of the hello, 32 bytes; empty before there is one. */
  SSL_get_client_random(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#sized(ssl, "SSL_get_client_random", RANDOM_BYTES);
  }

  /** The server's random of the hello, 32 bytes; empty before there is one. */
  SSL_get_server_random(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#sized(ssl, "SSL_get_server_random", RANDOM_BYTES);
  }

  /** The Finished message that was sent. */
  SSL_get_finished(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#sized(ssl, "SSL_get_finished", MAX_FINISHED_BYTES);
  }

  /** The Finished message that was received. */
  SSL_get_peer_finished(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#sized(ssl, "SSL_get_peer_finished", MAX_FINISHED_BYTES);
  }

  /** How many decrypted bytes wait in the record layer. */
  SSL_pending(ssl: SSL): number {
    return this.c.SSL_pending(this.#ptr(ssl));
  }

  /** 1 if any bytes wait, decrypted or not. */
  SSL_has_pending(ssl: SSL): number {
    return this.c.SSL_has_pending(this.#ptr(ssl));
  }

  /** Which close_notify alerts were sent and received, `SSL_*_SHUTDOWN`. */
  SSL_get_shutdown(ssl: SSL): number {
    return this.c.SSL_get_shutdown(this.#ptr(ssl));
  }

  /** 1 when the handshake is done. */
  SSL_is_init_finished(ssl: SSL): number {
    return this.c.SSL_is_init_finished(this.#ptr(ssl));
  }

  /** 1 while a handshake is under way. */
  SSL_in_init(ssl: SSL): number {
    return this.c.SSL_in_init(this.#ptr(ssl));
  }

  /** 1 for a server. */
  SSL_is_server(ssl: SSL): number {
    return this.c.SSL_is_server(this.#ptr(ssl));
  }

  /** The handshake state, in words. */
  SSL_state_string_long(ssl: SSL): string {
    return this.#string(this.c.SSL_state_string_long(this.#ptr(ssl))) ?? "";
  }

  /** An alert's level in words, from the value that an info callback got. */
  SSL_alert_type_string_long(value: number): string {
    return this.#string(
      this.c.SSL_alert_type_string_long(uint(value, "value")),
    ) ?? "";
  }

  /** An alert's description in words, from the value that an info callback got. */
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

  #items<Kind extends string>(stack: Ptr<"OPENSSL_STACK">): Ptr<Kind>[] {
    const length = stack === 0 ? 0 : this.c.OPENSSL_sk_num(stack);
    return Array.from(
      { length },
      (_, i) => this.c.OPENSSL_sk_value(stack, i) as number as Ptr<Kind>,
    );
  }

  #certificates(stack: Ptr<"OPENSSL_STACK">): X509[] {
    return this.#items<"X509">(stack).map((x) => this.passed("X509", x));
  }

  #sized(
    ssl: SSL,
    name:
      | "SSL_get_client_random"
      | "SSL_get_server_random"
      | "SSL_get_finished"
      | "SSL_get_peer_finished",
    max: number,
  ): Uint8Array<ArrayBuffer> {
    const ptr = this.#ptr(ssl);
    return this.memory.withBlock(
      max,
      (out) =>
        this.memory.read(out, Math.min(this.c[name](ptr, out, max), max)),
    );
  }
}
