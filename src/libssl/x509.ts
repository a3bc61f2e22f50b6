import { offset } from "../ffi/pointers.ts";
import { type Address, NULL, type Ptr } from "../ffi/pointers.ts";
import { int, uint } from "./arguments.ts";
import { Chapter } from "./chapter.ts";
import {
  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
} from "./constants.ts";
import type { EVP_PKEY, X509, X509_STORE } from "./handles.ts";
import type { Password } from "./pem.ts";

const XN_FLAG_RFC2253 = 0x1110317;
const MAX_DIGEST_BYTES = 64;
const TM_WORDS = 11;

/** Certificates, keys and trust, in DER, PKCS#8 and PKCS#12. */
export class X509Functions extends Chapter {
  /** A certificate of its DER form, owned; `null` if it isn't one. */
  d2i_X509(der: Uint8Array): X509 | null {
    return this.fromDer(
      der,
      (cursor, length) =>
        this.ffi.handles.own("X509", this.c.d2i_X509(NULL, cursor, length)),
    );
  }

  /** The DER form of a certificate. */
  i2d_X509(x: X509): Uint8Array<ArrayBuffer> | null {
    const ptr = this.#ptr(x);
    return this.toDer((cursor) => this.c.i2d_X509(ptr, cursor));
  }

  /** Takes one more reference, owned: 1. */
  X509_up_ref(x: X509): number {
    const ok = this.c.X509_up_ref(this.#ptr(x));
    if (ok) this.ffi.handles.retain(x, "X509");
    return ok;
  }

  /** Gives back an owned reference. */
  X509_free(x: X509 | null): void {
    if (x === null) return;
    const ptr = this.ffi.handles.release(x, "X509");
    this.ffi.defer(() => this.c.X509_free(ptr));
  }

  /** The subject's name (RFC 4514). */
  X509_get_subject_name(x: X509): string {
    return this.#name(this.c.X509_get_subject_name(this.#ptr(x)));
  }

  /** The issuer's name (RFC 4514). */
  X509_get_issuer_name(x: X509): string {
    return this.#name(this.c.X509_get_issuer_name(this.#ptr(x)));
  }

  /** When the certificate becomes valid; an invalid date if it doesn't say. */
  X509_get0_notBefore(x: X509): Date {
    return this.#time(this.c.X509_get0_notBefore(this.#ptr(x)));
  }

  /** When the certificate stops being valid; an invalid date if it doesn't say. */
  X509_get0_notAfter(x: X509): Date {
    return this.#time(this.c.X509_get0_notAfter(this.#ptr(x)));
  }

  /** A digest of the DER form, by name, such as `"SHA256"`; `null` if there is no such digest. */
  X509_digest(x: X509, type: string): Uint8Array<ArrayBuffer> | null {
    const ptr = this.#ptr(x);
    const digest = this.memory.withString(
      type,
      (name) => this.c.EVP_get_digestbyname(name),
    );
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
   * 1 if the certificate is for a host name, 0 if not. By default the subject's common name
   * doesn't count (RFC 9525, 2), nor a wildcard for part of a label: C's 0 lets both.
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

  /** 1 if the certificate is for an IP address, 0 if not, -2 if `address` isn't one. */
  X509_check_ip_asc(x: X509, address: string, flags = 0): number {
    const ptr = this.#ptr(x);
    uint(flags, "flags");
    return this.memory.withString(
      address,
      (text) => this.c.X509_check_ip_asc(ptr, text, flags),
    );
  }

  /** A result of verification in words. */
  X509_verify_cert_error_string(n: number): string {
    return this.memory.readString(
      this.c.X509_verify_cert_error_string(int(n, "n")),
    ) ?? "";
  }

  /** An empty set of trusted certificates, owned. */
  X509_STORE_new(): X509_STORE | null {
    return this.ffi.handles.own("X509_STORE", this.c.X509_STORE_new());
  }

  /** Gives back an owned reference. */
  X509_STORE_free(store: X509_STORE | null): void {
    if (store === null) return;
    const ptr = this.ffi.handles.release(store, "X509_STORE");
    this.ffi.defer(() => this.c.X509_STORE_free(ptr));
  }

  /** Adds a trusted certificate: 1 or 0. The store takes a reference of its own. */
  X509_STORE_add_cert(store: X509_STORE, x: X509): number {
    return this.c.X509_STORE_add_cert(
      this.ptr(store, "X509_STORE"),
      this.#ptr(x),
    );
  }

  /** Adds `X509_V_FLAG_*` bits: 1. */
  X509_STORE_set_flags(store: X509_STORE, flags: number): number {
    return this.c.X509_STORE_set_flags(
      this.ptr(store, "X509_STORE"),
      uint(flags, "flags"),
    );
  }

  /** A private key of its DER form, PKCS#8 or the algorithm's own: owned. */
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

  /**
   * Opens a PKCS#12 file: its key, certificate and further certificates, all owned.
   * `null` if it isn't one or the password is wrong.
   */
  PKCS12_parse(der: Uint8Array, password: Password): Pkcs12 | null {
    const file = this.fromDer(
      der,
      (cursor, length) => this.c.d2i_PKCS12(NULL, cursor, length),
    );
    if (file === 0) return null;
    try {
      return this.memory.withString(
        password,
        (text) => this.#openPkcs12(file, text),
      );
    } finally {
      this.c.PKCS12_free(file);
    }
  }

  /** Gives back an owned reference. */
  EVP_PKEY_free(key: EVP_PKEY | null): void {
    if (key === null) return;
    const ptr = this.ffi.handles.release(key, "EVP_PKEY");
    this.ffi.defer(() => this.c.EVP_PKEY_free(ptr));
  }

  /** The algorithm of a key, such as `"EC"`. */
  EVP_PKEY_get0_type_name(key: EVP_PKEY): string {
    return this.memory.readString(
      this.c.EVP_PKEY_get0_type_name(this.ptr(key, "EVP_PKEY")),
    ) ?? "";
  }

  /** The size of a key in bits. */
  EVP_PKEY_get_bits(key: EVP_PKEY): number {
    return this.c.EVP_PKEY_get_bits(this.ptr(key, "EVP_PKEY"));
  }

  #ptr(x: X509): Ptr<"X509"> {
    return this.ptr(x, "X509");
  }

  #openPkcs12(file: Ptr<"PKCS12">, password: Address): Pkcs12 | null {
    return this.memory.withWords(3, (key) => {
      const [cert, ca] = [offset(key, 4), offset(key, 8)];
      if (this.c.PKCS12_parse(file, password, key, cert, ca) !== 1) {
        return null;
      }
      const stack = this.memory.readWord(ca) as Ptr<"OPENSSL_STACK">;
      const count = stack === 0 ? 0 : this.c.OPENSSL_sk_num(stack);
      const caCerts = Array.from({ length: count }, (_, i) => {
        const x = this.c.OPENSSL_sk_value(stack, i) as number as Ptr<"X509">;
        return this.ffi.handles.own("X509", x) as X509;
      });
      this.c.OPENSSL_sk_free(stack);
      return {
        key: this.ffi.handles.own(
          "EVP_PKEY",
          this.memory.readWord(key) as Ptr<"EVP_PKEY">,
        ),
        cert: this.ffi.handles.own(
          "X509",
          this.memory.readWord(cert) as Ptr<"X509">,
        ),
        caCerts,
      };
    });
  }

  #name(name: Ptr<"X509_NAME">): string {
    const bio = this.c.BIO_new(this.c.BIO_s_mem());
    try {
      this.c.X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
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

/** What a PKCS#12 file holds. */
export interface Pkcs12 {
  /** The private key, owned. */
  readonly key: EVP_PKEY | null;
  /** The certificate of the key, owned. */
  readonly cert: X509 | null;
  /** Further certificates, owned. */
  readonly caCerts: X509[];
}
