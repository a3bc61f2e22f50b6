import { type Address, NULL, offset, type Ptr } from "../../ffi/pointers.ts";
import { bytes, uint, utf8 } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import { SSL_CTRL } from "../ctrl.ts";
import type { EVP_PKEY, SSL } from "../handles.ts";

const MAX_FINISHED_BYTES = 64;
const RANDOM_BYTES = 32;

/** A signature algorithm, by OpenSSL's numbers of its parts (`NID_*`). */
export interface SharedSigalg {
  /** The signature, such as 6 for RSA. */
  readonly sign: number;
  /** The digest, such as 672 for SHA-256; 0 if the signature includes it. */
  readonly hash: number;
}

/** Exported key material, and values for channel bindings (SSL_export_keying_material(3)). */
export class KeyMaterialFunctions extends FunctionGroup {
  /**
   * Returns key material of the connection (RFC 5705; RFC 8446, section 7.5), or `null` on
   * failure.
   */
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

  /**
   * Returns the key by which the peer took part in the key exchange, owned, or `null` if there is
   * none, as for RSA and key encapsulation.
   */
  SSL_get_peer_tmp_key(ssl: SSL): EVP_PKEY | null {
    const ptr = this.#ptr(ssl);
    return this.memory.withWords(
      1,
      (out) =>
        this.c.SSL_ctrl(ptr, SSL_CTRL.GET_PEER_TMP_KEY, 0, out)
          ? this.ffi.handles.own(
            "EVP_PKEY",
            this.memory.readWord(out) as Ptr<"EVP_PKEY">,
          )
          : null,
    );
  }

  /** Returns the signature algorithms that both ends support, the preferred one first. */
  SSL_get_shared_sigalgs(ssl: SSL): SharedSigalg[] {
    const ptr = this.#ptr(ssl);
    const shared = (at: number, sign: Address, hash: Address): number =>
      this.c.SSL_get_shared_sigalgs(ptr, at, sign, hash, NULL, NULL, NULL);
    const count = shared(0, NULL, NULL);
    return Array.from(
      { length: count },
      (_, i) =>
        this.memory.withWords(2, (sign) => {
          const hash = offset(sign, 4);
          shared(i, sign, hash);
          return {
            sign: this.memory.readInt(sign),
            hash: this.memory.readInt(hash),
          };
        }),
    );
  }

  /** Returns the random of the client hello, 32 bytes; empty before the hello. */
  SSL_get_client_random(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#sized(ssl, "SSL_get_client_random", RANDOM_BYTES);
  }

  /** Returns the random of the server hello, 32 bytes; empty before the hello. */
  SSL_get_server_random(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#sized(ssl, "SSL_get_server_random", RANDOM_BYTES);
  }

  /** Returns the Finished message that was sent. */
  SSL_get_finished(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#sized(ssl, "SSL_get_finished", MAX_FINISHED_BYTES);
  }

  /** Returns the Finished message that was received. */
  SSL_get_peer_finished(ssl: SSL): Uint8Array<ArrayBuffer> {
    return this.#sized(ssl, "SSL_get_peer_finished", MAX_FINISHED_BYTES);
  }

  #ptr(ssl: SSL): Ptr<"SSL"> {
    return this.ptr(ssl, "SSL");
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
