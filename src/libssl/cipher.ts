import type { Address, Ptr } from "../ffi/pointers.ts";
import { bytes } from "./arguments.ts";
import { FunctionGroup } from "./function_group.ts";
import type { SSL, SSL_CIPHER } from "./handles.ts";
import { stackItems } from "./stack.ts";

/** Cipher suites, and those of a connection. */
export class CipherFunctions extends FunctionGroup {
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
