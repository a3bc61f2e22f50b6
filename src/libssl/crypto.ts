import { bytes, uint } from "./arguments.ts";
import { FunctionGroup } from "./function_group.ts";
import { NULL, type Ptr } from "../ffi/pointers.ts";
import { digestNamed } from "./x509/digest.ts";

const MAX_MAC_BYTES = 64;

/** Random bytes and HMAC. */
export class CryptoFunctions extends FunctionGroup {
  /** The digest that was asked for last, which is nearly always the same. */
  #digest: { readonly name: string; readonly md: Ptr<"EVP_MD"> } | undefined;

  /** Returns `num` random bytes of the instance's generator, or `null` if it has no entropy. */
  RAND_bytes(num: number): Uint8Array<ArrayBuffer> | null {
    uint(num, "num", 0xffff);
    return this.memory.withBlock(
      Math.max(num, 1),
      (out) =>
        this.c.RAND_bytes(out, num) === 1 ? this.memory.read(out, num) : null,
    );
  }

  /**
   * Returns the HMAC of `data` (RFC 2104) with the digest of a name, or `null` if there is no
   * such digest.
   */
  HMAC(
    digest: string,
    key: Uint8Array,
    data: Uint8Array,
  ): Uint8Array<ArrayBuffer> | null {
    const keyView = bytes(key, "key");
    const dataView = bytes(data, "data");
    const md = this.#digestNamed(digest);
    if (md === NULL) return null;
    return this.memory.withBytes(
      keyView,
      (keyBytes, keyLength) =>
        this.memory.withBytes(
          dataView,
          (dataBytes, dataLength) =>
            this.memory.withBlock(MAX_MAC_BYTES, (out) =>
              this.memory.withWords(1, (length) => {
                const made = this.c.HMAC(
                  md,
                  keyBytes,
                  keyLength,
                  dataBytes,
                  dataLength,
                  out,
                  length,
                );
                return made === 0
                  ? null
                  : this.memory.read(out, this.memory.readWord(length));
              })),
        ),
    );
  }

  #digestNamed(name: string): Ptr<"EVP_MD"> {
    if (this.#digest === undefined || this.#digest.name !== name) {
      this.#digest = { name, md: digestNamed(this.ffi, name) };
    }
    return this.#digest.md;
  }
}
