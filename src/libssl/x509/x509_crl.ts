import { NULL, type Ptr } from "../../ffi/pointers.ts";
import { date, int } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import { digestNamed } from "./digest.ts";
import type { EVP_PKEY, X509, X509_CRL } from "../handles.ts";

/** Certificate revocation lists. */
export class X509CrlFunctions extends FunctionGroup {
  /** Reads a certificate revocation list in DER, owned. Returns `null` if `der` isn't one. */
  d2i_X509_CRL(der: Uint8Array): X509_CRL | null {
    return this.fromDer(
      der,
      (cursor, length) =>
        this.ffi.handles.own(
          "X509_CRL",
          this.c.d2i_X509_CRL(NULL, cursor, length),
        ),
    );
  }

  /** Returns the DER form of a list. */
  i2d_X509_CRL(crl: X509_CRL): Uint8Array<ArrayBuffer> | null {
    const ptr = this.#ptr(crl);
    return this.toDer((cursor) => this.c.i2d_X509_CRL(ptr, cursor));
  }

  /** Creates an empty list, owned. */
  X509_CRL_new(): X509_CRL | null {
    return this.ffi.handles.own("X509_CRL", this.c.X509_CRL_new());
  }

  /** Frees the list. */
  X509_CRL_free(crl: X509_CRL | null): void {
    if (crl === null) return;
    const ptr = this.ffi.handles.release(crl, "X509_CRL");
    // C tells of the end of those objects only that can have ex_data.
    this.ffi.handles.freed(ptr);
    this.c.X509_CRL_free(ptr);
  }

  /** Sets the version, 1 for X.509v2. Returns 1, or 0 on failure. */
  X509_CRL_set_version(crl: X509_CRL, version: number): number {
    return this.c.X509_CRL_set_version(
      this.#ptr(crl),
      int(version, "version", 0, 1),
    );
  }

  /** Sets the issuer's name to the subject of `issuer`. Returns 1, or 0 on failure. */
  X509_CRL_set_issuer(crl: X509_CRL, issuer: X509): number {
    return this.c.X509_CRL_set_issuer_name(
      this.#ptr(crl),
      this.c.X509_get_subject_name(this.ptr(issuer, "X509")),
    );
  }

  /** Sets the time of issue. Returns 1, or 0 on failure. */
  X509_CRL_set_lastUpdate(crl: X509_CRL, time: Date): number {
    const ptr = this.#ptr(crl);
    return this.#withTime(
      time,
      (at) => this.c.X509_CRL_set1_lastUpdate(ptr, at),
    );
  }

  /**
   * Sets the time by which a newer list is issued; this one is valid until then. Returns 1, or 0
   * on failure.
   */
  X509_CRL_set_nextUpdate(crl: X509_CRL, time: Date): number {
    const ptr = this.#ptr(crl);
    return this.#withTime(
      time,
      (at) => this.c.X509_CRL_set1_nextUpdate(ptr, at),
    );
  }

  /** Adds a certificate, revoked at `time`. Returns 1, or 0 on failure. */
  X509_CRL_add_revoked(crl: X509_CRL, x: X509, time: Date): number {
    const ptr = this.#ptr(crl);
    const serial = this.c.X509_get_serialNumber(this.ptr(x, "X509"));
    return this.#withTime(time, (at) => {
      const revoked = this.c.X509_REVOKED_new();
      if (revoked === 0) return 0;
      const isSet =
        this.c.X509_REVOKED_set_serialNumber(revoked, serial) === 1 &&
        this.c.X509_REVOKED_set_revocationDate(revoked, at) === 1 &&
        this.c.X509_CRL_add0_revoked(ptr, revoked) === 1;
      if (!isSet) this.c.X509_REVOKED_free(revoked);
      return isSet ? 1 : 0;
    });
  }

  /**
   * Signs with the digest of a name; `null` for algorithms that have their own. Returns the size
   * of the signature, or 0 on failure.
   */
  X509_CRL_sign(crl: X509_CRL, pkey: EVP_PKEY, md: string | null): number {
    const digest = md === null ? NULL : digestNamed(this.ffi, md);
    // For C a digest that there isn't would be the key's own.
    if (md !== null && digest === NULL) return 0;
    return this.c.X509_CRL_sign(
      this.#ptr(crl),
      this.ptr(pkey, "EVP_PKEY"),
      digest,
    );
  }

  #ptr(crl: X509_CRL): Ptr<"X509_CRL"> {
    return this.ptr(crl, "X509_CRL");
  }

  #withTime(time: Date, use: (time: Ptr<"ASN1_TIME">) => number): number {
    const at = this.c.ASN1_TIME_set(
      NULL,
      date(time, "time"),
    );
    if (at === 0) return 0;
    try {
      return use(at);
    } finally {
      this.c.ASN1_TIME_free(at);
    }
  }
}
