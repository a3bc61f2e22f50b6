import { NULL, type Ptr } from "../../ffi/pointers.ts";
import { date, int, int64 } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import { digestNamed } from "./digest.ts";
import type { EVP_PKEY, X509 } from "../handles.ts";

const MBSTRING_UTF8 = 0x1000;
const V3_CTX_WORDS = 16;

/** Building certificates (X509_new(3), X509_sign(3)). */
export class X509BuildFunctions extends FunctionGroup {
  /** Creates an empty certificate, owned. */
  X509_new(): X509 | null {
    return this.ffi.handles.own("X509", this.c.X509_new());
  }

  /** Sets the version, 2 for X.509v3. Returns 1, or 0 on failure. */
  X509_set_version(x: X509, version: number): number {
    return this.c.X509_set_version(this.#ptr(x), int(version, "version", 0, 2));
  }

  /** Sets the serial number. Returns 1, or 0 on failure. */
  X509_set_serialNumber(x: X509, serial: bigint): number {
    return this.c.ASN1_INTEGER_set_int64(
      this.c.X509_get_serialNumber(this.#ptr(x)),
      int64(serial, "serial"),
    );
  }

  /** Sets the start of the period of validity. */
  X509_set_notBefore(x: X509, time: Date): void {
    this.c.ASN1_TIME_set(
      this.c.X509_getm_notBefore(this.#ptr(x)),
      date(time, "time"),
    );
  }

  /** Sets the end of the period of validity. */
  X509_set_notAfter(x: X509, time: Date): void {
    this.c.ASN1_TIME_set(
      this.c.X509_getm_notAfter(this.#ptr(x)),
      date(time, "time"),
    );
  }

  /** Sets the public key. Returns 1, or 0 on failure. */
  X509_set_pubkey(x: X509, pkey: EVP_PKEY): number {
    const key = this.ptr(pkey, "EVP_PKEY");
    // C frees the key that x has before it takes the new one: they may be the same.
    this.c.EVP_PKEY_up_ref(key);
    const ok = this.c.X509_set_pubkey(this.#ptr(x), key);
    this.c.EVP_PKEY_free(key);
    return ok;
  }

  /** Adds a field to the subject's name, such as `"CN"`. Returns 1, or 0 on failure. */
  X509_add_subject_entry(x: X509, field: string, value: string): number {
    const name = this.c.X509_get_subject_name(this.#ptr(x));
    return this.memory.withString(
      field,
      (fieldText) =>
        this.memory.withString(
          value,
          (text) =>
            this.c.X509_NAME_add_entry_by_txt(
              name,
              fieldText,
              MBSTRING_UTF8,
              text,
              -1,
              -1,
              0,
            ),
        ),
    );
  }

  /** Sets the issuer's name to the subject of `issuer`. Returns 1, or 0 on failure. */
  X509_set_issuer(x: X509, issuer: X509): number {
    return this.c.X509_set_issuer_name(
      this.#ptr(x),
      this.c.X509_get_subject_name(this.#ptr(issuer)),
    );
  }

  /**
   * Adds an extension, with the value in the format of x509v3_config(5). Returns 1, or 0 on
   * failure.
   */
  X509_add_extension(
    x: X509,
    issuer: X509,
    nid: number,
    value: string,
  ): number {
    const ptr = this.#ptr(x);
    return this.memory.withWords(V3_CTX_WORDS, (ctx) => {
      const v3 = ctx as number as Ptr<"X509V3_CTX">;
      this.c.X509V3_set_ctx(v3, this.#ptr(issuer), ptr, NULL, NULL, 0);
      const extension = this.memory.withString(
        value,
        (text) =>
          this.c.X509V3_EXT_conf_nid(NULL, v3, int(nid, "nid", 1), text),
      );
      if (extension === 0) return 0;
      const ok = this.c.X509_add_ext(ptr, extension, -1);
      this.c.X509_EXTENSION_free(extension);
      return ok;
    });
  }

  /**
   * Signs with the digest of a name; `null` for algorithms that have their own. Returns the size
   * of the signature, or 0 on failure.
   */
  X509_sign(x: X509, pkey: EVP_PKEY, md: string | null): number {
    const digest = md === null ? NULL : digestNamed(this.ffi, md);
    // For C a digest that there isn't would be the key's own.
    if (md !== null && digest === NULL) return 0;
    return this.c.X509_sign(this.#ptr(x), this.ptr(pkey, "EVP_PKEY"), digest);
  }

  #ptr(x: X509): Ptr<"X509"> {
    return this.ptr(x, "X509");
  }
}
