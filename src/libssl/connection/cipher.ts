import type { Address, Ptr } from "../../ffi/pointers.ts";
import { bytes } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { SSL, SSL_CIPHER } from "../handles.ts";
import { stackItems } from "../x509/stack.ts";

/** Cipher suites, and the ones that a connection uses (SSL_CIPHER_get_name(3)). */
export class CipherFunctions extends FunctionGroup {
  /** Returns the cipher suite in use, borrowed, or `null` before one was negotiated. */
  SSL_get_current_cipher(ssl: SSL): SSL_CIPHER | null {
    return this.ffi.handles.borrow(
      "SSL_CIPHER",
      this.c.SSL_get_current_cipher(this.#ptr(ssl)),
    );
  }

  /** Returns the cipher suite that was selected, also during the handshake; borrowed. */
  SSL_get_pending_cipher(ssl: SSL): SSL_CIPHER | null {
    return this.ffi.handles.borrow(
      "SSL_CIPHER",
      this.c.SSL_get_pending_cipher(this.#ptr(ssl)),
    );
  }

  /** Returns OpenSSL's name of a cipher suite. */
  SSL_CIPHER_get_name(cipher: SSL_CIPHER): string {
    return this.#string(
      this.c.SSL_CIPHER_get_name(this.ptr(cipher, "SSL_CIPHER")),
    ) ?? "";
  }

  /** Returns the standard name of a cipher suite (IANA's). */
  SSL_CIPHER_standard_name(cipher: SSL_CIPHER): string {
    return this.#string(
      this.c.SSL_CIPHER_standard_name(this.ptr(cipher, "SSL_CIPHER")),
    ) ?? "";
  }

  /** Returns the protocol version in which a cipher suite was defined. */
  SSL_CIPHER_get_version(cipher: SSL_CIPHER): string {
    return this.#string(
      this.c.SSL_CIPHER_get_version(this.ptr(cipher, "SSL_CIPHER")),
    ) ?? "";
  }

  /** Returns the number of secret bits that a cipher suite uses. */
  SSL_CIPHER_get_bits(cipher: SSL_CIPHER): number {
    return this.c.SSL_CIPHER_get_bits(
      this.ptr(cipher, "SSL_CIPHER"),
      0 as Address,
    );
  }

  /** Returns the cipher suite with a two-byte code of the protocol, borrowed. */
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

  /** Returns OpenSSL's names of the cipher suites that the connection supports. */
  SSL_get1_supported_ciphers(ssl: SSL): string[] {
    const stack = this.c.SSL_get1_supported_ciphers(this.#ptr(ssl));
    if (stack === 0) return [];
    const names = stackItems<"SSL_CIPHER">(this.ffi, stack).map((cipher) =>
      this.#string(this.c.SSL_CIPHER_get_name(cipher)) ?? ""
    );
    this.c.OPENSSL_sk_free(stack);
    return names;
  }

  #ptr(ssl: SSL): Ptr<"SSL"> {
    return this.ptr(ssl, "SSL");
  }

  #string(address: Address): string | null {
    return this.memory.readString(address);
  }
}
