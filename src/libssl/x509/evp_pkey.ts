import { NULL, type Ptr } from "../../ffi/pointers.ts";
import { int } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { EVP_PKEY } from "../handles.ts";

const MAX_GROUP_NAME_BYTES = 80;

/** Private keys: generating, reading and freeing them. */
export class EvpPkeyFunctions extends FunctionGroup {
  /**
   * Generates an elliptic curve key, owned. Returns `null` if there is no curve of the name, such
   * as `"P-256"`.
   */
  EVP_EC_gen(curve: string): EVP_PKEY | null {
    return this.#generate("EC", (ctx) =>
      this.memory.withString(
        curve,
        (name) => this.c.EVP_PKEY_CTX_set_group_name(ctx, name),
      ));
  }

  /** Generates an RSA key of 512 to 16384 bits, owned. The larger ones take seconds. */
  EVP_RSA_gen(bits: number): EVP_PKEY | null {
    int(bits, "bits", 512, 16384);
    return this.#generate(
      "RSA",
      (ctx) => this.c.EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits),
    );
  }

  /** Generates a key of an algorithm without parameters, such as `"ED25519"`, owned. */
  EVP_PKEY_Q_keygen(type: string): EVP_PKEY | null {
    return this.#generate(type, () => 1);
  }

  /**
   * Reads a private key in DER, in PKCS#8 or in its algorithm's own format. Owned; `null` on
   * failure.
   */
  d2i_AutoPrivateKey(der: Uint8Array): EVP_PKEY | null {
    return this.fromDer(
      der,
      (cursor, length) =>
        this.ffi.handles.own(
          "EVP_PKEY",
          this.c.d2i_AutoPrivateKey(NULL, cursor, length),
        ),
    );
  }

  /** Frees an owned reference. */
  EVP_PKEY_free(key: EVP_PKEY | null): void {
    if (key === null) return;
    const ptr = this.ffi.handles.release(key, "EVP_PKEY");
    this.ffi.defer(() => this.c.EVP_PKEY_free(ptr));
  }

  /** Returns the algorithm of a key, such as `"EC"`. */
  EVP_PKEY_get0_type_name(key: EVP_PKEY): string {
    return this.memory.readString(
      this.c.EVP_PKEY_get0_type_name(this.ptr(key, "EVP_PKEY")),
    ) ?? "";
  }

  /** Returns the size of a key in bits. */
  EVP_PKEY_get_bits(key: EVP_PKEY): number {
    return this.c.EVP_PKEY_get_bits(this.ptr(key, "EVP_PKEY"));
  }

  /** Returns the name of a key's group or curve, such as `"prime256v1"`, or `null` if it has none. */
  EVP_PKEY_get_group_name(pkey: EVP_PKEY): string | null {
    const key = this.ptr(pkey, "EVP_PKEY");
    return this.memory.withBlock(
      MAX_GROUP_NAME_BYTES,
      (name) =>
        this.c.EVP_PKEY_get_group_name(key, name, MAX_GROUP_NAME_BYTES, NULL)
          ? this.memory.readString(name)
          : null,
    );
  }

  #generate(
    type: string,
    configure: (ctx: Ptr<"EVP_PKEY_CTX">) => number,
  ): EVP_PKEY | null {
    const ctx = this.memory.withString(
      type,
      (name) => this.c.EVP_PKEY_CTX_new_from_name(NULL, name, NULL),
    );
    if (ctx === 0) return null;
    try {
      return this.memory.withWords(1, (out) => {
        const made = this.c.EVP_PKEY_keygen_init(ctx) === 1 &&
          configure(ctx) === 1 && this.c.EVP_PKEY_generate(ctx, out) === 1;
        return made
          ? this.ffi.handles.own(
            "EVP_PKEY",
            this.memory.readWord(out) as Ptr<"EVP_PKEY">,
          )
          : null;
      });
    } finally {
      this.c.EVP_PKEY_CTX_free(ctx);
    }
  }
}
