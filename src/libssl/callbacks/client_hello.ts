import type { Ffi } from "../../ffi/ffi.ts";
import { offset } from "../../ffi/pointers.ts";
import type { Address, Ptr } from "../../ffi/pointers.ts";
import { int, uint } from "../arguments.ts";
import { asArgument, FunctionGroup } from "../function_group.ts";
import type { Out, SSL, SSL_CTX } from "../handles.ts";

/**
 * Called with each client hello, before anything is negotiated. Returning
 * `SSL_CLIENT_HELLO_RETRY` suspends the handshake: `SSL_get_error` returns
 * `SSL_ERROR_WANT_CLIENT_HELLO_CB`, and the next `SSL_do_handshake` calls the callback again.
 * Returning `SSL_CLIENT_HELLO_ERROR` sends the alert `alert.value`.
 */
export type ClientHelloCallback = (ssl: SSL, alert: Out<number>) => number;

/** The client-hello callback, and the functions that may be called in it only. */
export class ClientHelloFunctions extends FunctionGroup {
  /** Creates the functions of this group for one instance. */
  constructor(ffi: Ffi) {
    super(ffi);
    ffi.implement("client_hello", (ssl, alert, ctx) => {
      const callback = this.callbackOf<ClientHelloCallback>(
        ctx,
        "client_hello",
      );
      if (!callback) return 1;
      const out: Out<number> = { value: this.memory.readInt(alert) };
      const answer = callback(this.passed("SSL", ssl), out);
      this.memory.writeWord(alert, int(out.value, "alert.value"));
      return answer;
    });
  }

  /** Sets the callback for client hellos; `null` removes it. */
  SSL_CTX_set_client_hello_cb(
    ctx: SSL_CTX,
    cb: ClientHelloCallback | null,
  ): void {
    this.setCallback(ctx, "client_hello", cb, (trampoline) => {
      const ptr = this.ptr(ctx, "SSL_CTX");
      this.c.SSL_CTX_set_client_hello_cb(
        ptr,
        trampoline,
        asArgument(ptr),
      );
    });
  }

  /** Returns the legacy version of the hello, such as `TLS1_2_VERSION`. */
  SSL_client_hello_get0_legacy_version(ssl: SSL): number {
    return this.c.SSL_client_hello_get0_legacy_version(this.#ptr(ssl));
  }

  /** Returns the random of the hello, 32 bytes. */
  SSL_client_hello_get0_random(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#field(ssl, "SSL_client_hello_get0_random");
  }

  /** Returns the legacy session id of the hello. In TLS 1.3 it is random and names no session. */
  SSL_client_hello_get0_session_id(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#field(ssl, "SSL_client_hello_get0_session_id");
  }

  /** Returns the cipher suites of the hello, two bytes each. */
  SSL_client_hello_get0_ciphers(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#field(ssl, "SSL_client_hello_get0_ciphers");
  }

  /** Returns the types of the extensions of the hello, those that OpenSSL knows. */
  SSL_client_hello_get1_extensions_present(ssl: SSL): number[] {
    const ptr = this.#ptr(ssl);
    return this.memory.withWords(2, (list) => {
      const count = offset(list, 4);
      if (
        this.c.SSL_client_hello_get1_extensions_present(ptr, list, count) !== 1
      ) {
        return [];
      }
      const types = this.memory.readWord(list) as Address;
      const present = Array.from(
        { length: this.memory.readWord(count) },
        (_, i) => this.memory.readInt(offset(types, 4 * i)),
      );
      if (types !== 0) this.c.free(types);
      return present;
    });
  }

  /** Returns the body of an extension, or `null` if the hello doesn't have it. */
  SSL_client_hello_get0_ext(
    ssl: SSL,
    type: number,
  ): Uint8Array<ArrayBuffer> | null {
    const ptr = this.#ptr(ssl);
    uint(type, "type", 0xffff);
    return this.memory.withWords(2, (out) => {
      const length = offset(out, 4);
      if (this.c.SSL_client_hello_get0_ext(ptr, type, out, length) !== 1) {
        return null;
      }
      return this.memory.read(
        this.memory.readWord(out) as Address,
        this.memory.readWord(length),
      );
    });
  }

  #ptr(ssl: SSL): Ptr<"SSL"> {
    return this.ptr(ssl, "SSL");
  }

  #field(
    ssl: SSL,
    name:
      | "SSL_client_hello_get0_random"
      | "SSL_client_hello_get0_session_id"
      | "SSL_client_hello_get0_ciphers",
  ): Uint8Array<ArrayBuffer> {
    const ptr = this.#ptr(ssl);
    return this.memory.withWords(1, (out) => {
      const length = this.c[name](ptr, out);
      return this.memory.read(this.memory.readWord(out) as Address, length);
    });
  }
}
