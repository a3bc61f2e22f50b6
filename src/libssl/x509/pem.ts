import { type Address, NULL, offset } from "../../ffi/pointers.ts";
import { FunctionGroup } from "../function_group.ts";
import type { BIO, EVP_PKEY, X509, X509_CRL } from "../handles.ts";

/** The password of an encrypted key; `null` if it isn't encrypted. */
export type Password = string | null;

/** One PEM block, as `PEM_read_bio` returns it. */
export interface PemData {
  /** The label behind `BEGIN`, such as `"CERTIFICATE"`. */
  readonly name: string;
  /** The header lines, which say how a key is encrypted (RFC 1421); empty if there are none. */
  readonly header: string;
  /** The decoded content. It may be secret. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/**
 * Reading and writing PEM (PEM_read_bio_PrivateKey(3)). Each function that reads takes the
 * next block of its type and skips all others; at the end of the text it returns `null` and
 * the error queue has the reason `"no start line"`.
 */
export class PemFunctions extends FunctionGroup {
  /** Reads the next block of any type: its label, header and decoded content. */
  PEM_read_bio(bp: BIO): PemData | null {
    const bio = this.ptr(bp, "BIO");
    return this.memory.withWords(4, (out) => {
      const words = [0, 4, 8, 12].map((at) => offset(out, at));
      const [nameOut, headerOut, dataOut, lengthOut] = words as [
        Address,
        Address,
        Address,
        Address,
      ];
      if (
        this.c.PEM_read_bio(bio, nameOut, headerOut, dataOut, lengthOut) !== 1
      ) return null;
      const [name, header, data] = [nameOut, headerOut, dataOut].map((word) =>
        this.memory.readWord(word) as Address
      ) as [Address, Address, Address];
      try {
        return {
          name: this.memory.readString(name) ?? "",
          header: this.memory.readString(header) ?? "",
          data: this.memory.read(data, this.memory.readInt(lengthOut)),
        };
      } finally {
        for (const block of [name, header, data]) {
          this.c.CRYPTO_free(block, NULL, 0);
        }
      }
    });
  }

  /** Reads the next certificate, owned; `null` if there is none. */
  PEM_read_bio_X509(bp: BIO): X509 | null {
    return this.ffi.handles.own(
      "X509",
      this.c.PEM_read_bio_X509(this.ptr(bp, "BIO"), NULL, NULL, NULL),
    );
  }

  /**
   * {@linkcode PEM_read_bio_X509} that reads a `TRUSTED CERTIFICATE` too, with the purposes
   * it is trusted for.
   */
  PEM_read_bio_X509_AUX(bp: BIO): X509 | null {
    return this.ffi.handles.own(
      "X509",
      this.c.PEM_read_bio_X509_AUX(this.ptr(bp, "BIO"), NULL, NULL, NULL),
    );
  }

  /** Writes a certificate. Returns 1, or 0 on failure. */
  PEM_write_bio_X509(bp: BIO, x: X509): number {
    return this.c.PEM_write_bio_X509(
      this.ptr(bp, "BIO"),
      this.ptr(x, "X509"),
    );
  }

  /** Reads the next certificate revocation list, owned; `null` if there is none. */
  PEM_read_bio_X509_CRL(bp: BIO): X509_CRL | null {
    return this.ffi.handles.own(
      "X509_CRL",
      this.c.PEM_read_bio_X509_CRL(this.ptr(bp, "BIO"), NULL, NULL, NULL),
    );
  }

  /** Writes a certificate revocation list. Returns 1, or 0 on failure. */
  PEM_write_bio_X509_CRL(bp: BIO, crl: X509_CRL): number {
    return this.c.PEM_write_bio_X509_CRL(
      this.ptr(bp, "BIO"),
      this.ptr(crl, "X509_CRL"),
    );
  }

  /** Reads the next private key, owned; an encrypted one is decrypted with `password`. */
  PEM_read_bio_PrivateKey(
    bp: BIO,
    password: Password = null,
  ): EVP_PKEY | null {
    const bio = this.ptr(bp, "BIO");
    // Without a password OpenSSL would ask a terminal; an empty one just fails.
    return this.memory.withString(
      password ?? "",
      (text) =>
        this.ffi.handles.own(
          "EVP_PKEY",
          this.c.PEM_read_bio_PrivateKey(bio, NULL, NULL, text),
        ),
    );
  }

  /** Reads the next parameters, such as those of Diffie-Hellman, owned; `null` if there are none. */
  PEM_read_bio_Parameters(bp: BIO): EVP_PKEY | null {
    return this.ffi.handles.own(
      "EVP_PKEY",
      this.c.PEM_read_bio_Parameters(this.ptr(bp, "BIO"), NULL),
    );
  }

  /**
   * Writes a private key as PKCS#8, encrypted if there is a password. Returns 1, or 0 on failure.
   */
  PEM_write_bio_PKCS8PrivateKey(
    bp: BIO,
    x: EVP_PKEY,
    password: Password = null,
  ): number {
    return this.#writeKey(bp, x, password, "PEM_write_bio_PKCS8PrivateKey");
  }

  /**
   * Writes a private key in its algorithm's own format, encrypted if there is a password. Returns
   * 1, or 0 on failure.
   */
  PEM_write_bio_PrivateKey_traditional(
    bp: BIO,
    x: EVP_PKEY,
    password: Password = null,
  ): number {
    return this.#writeKey(
      bp,
      x,
      password,
      "PEM_write_bio_PrivateKey_traditional",
    );
  }

  #writeKey(
    bp: BIO,
    x: EVP_PKEY,
    password: Password,
    write:
      | "PEM_write_bio_PKCS8PrivateKey"
      | "PEM_write_bio_PrivateKey_traditional",
  ): number {
    const [bio, key] = [this.ptr(bp, "BIO"), this.ptr(x, "EVP_PKEY")];
    const cipher = password === null ? NULL : this.c.EVP_aes_256_cbc();
    return this.memory.withString(
      password,
      (text) => this.c[write](bio, key, cipher, NULL, 0, NULL, text),
    );
  }
}
