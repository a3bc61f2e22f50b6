import { NULL, offset, type Ptr } from "../../ffi/pointers.ts";
import { int, uint } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import {
  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
} from "../constants.ts";
import { digestNamed } from "./digest.ts";
import type { EVP_PKEY, X509 } from "../handles.ts";

const XN_FLAG_RFC2253 = 0x1110317;
const MAX_DIGEST_BYTES = 64;
const TM_WORDS = 11;

/** Certificates: reading them and their fields. */
export class X509Functions extends FunctionGroup {
  /** Reads a certificate in DER, owned. Returns `null` if `der` isn't a certificate. */
  d2i_X509(der: Uint8Array): X509 | null {
    return this.fromDer(
      der,
      (cursor, length) =>
        this.ffi.handles.own("X509", this.c.d2i_X509(NULL, cursor, length)),
    );
  }

  /**
   * Reads a certificate in DER with the purposes that it is trusted for, if any. Owned; `null` on
   * failure.
   */
  d2i_X509_AUX(der: Uint8Array): X509 | null {
    return this.fromDer(
      der,
      (cursor, length) =>
        this.ffi.handles.own("X509", this.c.d2i_X509_AUX(NULL, cursor, length)),
    );
  }

  /** Returns the DER form of a certificate. */
  i2d_X509(x: X509): Uint8Array<ArrayBuffer> | null {
    const ptr = this.#ptr(x);
    return this.toDer((cursor) => this.c.i2d_X509(ptr, cursor));
  }

  /** Takes another reference, owned. Returns 1. */
  X509_up_ref(x: X509): number {
    const ok = this.c.X509_up_ref(this.#ptr(x));
    if (ok) this.ffi.handles.retain(x, "X509");
    return ok;
  }

  /** Frees an owned reference. */
  X509_free(x: X509 | null): void {
    if (x === null) return;
    const ptr = this.ffi.handles.release(x, "X509");
    this.ffi.defer(() => this.c.X509_free(ptr));
  }

  /** Returns the subject's name (RFC 4514). */
  X509_get_subject_name(x: X509): string {
    return this.#name(this.c.X509_get_subject_name(this.#ptr(x)));
  }

  /** Returns the DER form of the subject's name (`i2d_X509_NAME`). */
  X509_get_subject_name_der(x: X509): Uint8Array<ArrayBuffer> | null {
    const name = this.c.X509_get_subject_name(this.ptr(x, "X509"));
    return this.toDer((cursor) => this.c.i2d_X509_NAME(name, cursor));
  }

  /** Returns the issuer's name (RFC 4514). */
  X509_get_issuer_name(x: X509): string {
    return this.#name(this.c.X509_get_issuer_name(this.#ptr(x)));
  }

  /**
   * Returns the value of an extension as text (X509V3_EXT_print(3)), such as `"DNS:localhost"`
   * for the subject alternative names; `null` if there is none, or one that can't be parsed.
   */
  X509_get_ext_text(x: X509, nid: number): string | null {
    const ptr = this.#ptr(x);
    const at = this.c.X509_get_ext_by_NID(ptr, int(nid, "nid", 1), -1);
    if (at < 0) return null;
    const extension = this.c.X509_get_ext(ptr, at);
    return this.#printed((bio) =>
      this.c.X509V3_EXT_print(bio, extension, 0, 0) === 1
    );
  }

  /** Returns the start of the period of validity; an invalid `Date` if it can't be read. */
  X509_get0_notBefore(x: X509): Date {
    return this.#time(this.c.X509_get0_notBefore(this.#ptr(x)));
  }

  /** Returns the end of the period of validity; an invalid `Date` if it can't be read. */
  X509_get0_notAfter(x: X509): Date {
    return this.#time(this.c.X509_get0_notAfter(this.#ptr(x)));
  }

  /**
   * Returns the digest of the DER form, or `null` if there is no digest of the name, such as
   * `"SHA256"`.
   */
  X509_digest(x: X509, type: string): Uint8Array<ArrayBuffer> | null {
    const ptr = this.#ptr(x);
    const digest = digestNamed(this.ffi, type);
    if (digest === 0) return null;
    return this.memory.withBlock(
      MAX_DIGEST_BYTES,
      (out) =>
        this.memory.withWords(
          1,
          (length) =>
            this.c.X509_digest(ptr, digest, out, length)
              ? this.memory.read(out, this.memory.readWord(length))
              : null,
        ),
    );
  }

  /**
   * Returns 1 if the certificate matches a host name, else 0. By default the subject's common
   * name isn't matched (RFC 9525, section 2), nor wildcards for a part of a label. With C's
   * default, `flags` of 0, both are.
   */
  X509_check_host(
    x: X509,
    host: string,
    flags: number = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
      X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
  ): number {
    const ptr = this.#ptr(x);
    uint(flags, "flags");
    return this.memory.withString(
      host,
      (name) => this.c.X509_check_host(ptr, name, 0, flags, NULL),
    );
  }

  /**
   * Returns 1 if the certificate matches an IP address, 0 if it doesn't, or -2 if `address` isn't
   * one.
   */
  X509_check_ip_asc(x: X509, address: string, flags = 0): number {
    const ptr = this.#ptr(x);
    uint(flags, "flags");
    return this.memory.withString(
      address,
      (text) => this.c.X509_check_ip_asc(ptr, text, flags),
    );
  }

  /** Returns 1 if a private key is that of the certificate, else 0. */
  X509_check_private_key(cert: X509, pkey: EVP_PKEY): number {
    return this.c.X509_check_private_key(
      this.ptr(cert, "X509"),
      this.ptr(pkey, "EVP_PKEY"),
    );
  }

  /**
   * Returns `X509_V_OK` if `issuer` issued `subject` by its names and extensions, else
   * `X509_V_ERR_*`.
   */
  X509_check_issued(issuer: X509, subject: X509): number {
    return this.c.X509_check_issued(
      this.ptr(issuer, "X509"),
      this.ptr(subject, "X509"),
    );
  }

  /** Returns the text of a result of verification, `X509_V_*`. */
  X509_verify_cert_error_string(n: number): string {
    return this.memory.readString(
      this.c.X509_verify_cert_error_string(int(n, "n")),
    ) ?? "";
  }

  #ptr(x: X509): Ptr<"X509"> {
    return this.ptr(x, "X509");
  }

  #name(name: Ptr<"X509_NAME">): string {
    return this.#printed((bio) => {
      this.c.X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
      return true;
    }) ?? "";
  }

  /** What `print` writes; `null` if it fails. */
  #printed(print: (bio: Ptr<"BIO">) => boolean): string | null {
    const bio = this.c.BIO_new(this.c.BIO_s_mem());
    try {
      if (!print(bio)) return null;
      const size = this.c.BIO_ctrl_pending(bio);
      return this.memory.withBlock(size + 1, (text) => {
        this.c.BIO_read(bio, text, size);
        return new TextDecoder().decode(this.memory.read(text, size));
      });
    } finally {
      this.c.BIO_free(bio);
    }
  }

  #time(time: Ptr<"ASN1_TIME">): Date {
    return this.memory.withWords(TM_WORDS, (tm) => {
      if (this.c.ASN1_TIME_to_tm(time, tm) !== 1) return new Date(NaN);
      const [second, minute, hour, day, month, year] = Array.from(
        { length: 6 },
        (_, i) => this.memory.readInt(offset(tm, 4 * i)),
      ) as [number, number, number, number, number, number];
      return new Date(
        Date.UTC(1900 + year, month, day, hour, minute, second),
      );
    });
  }
}
