import { type Address, NULL, offset, type Ptr } from "../../ffi/pointers.ts";
import { FunctionGroup } from "../function_group.ts";
import type { EVP_PKEY, X509 } from "../handles.ts";
import type { Password } from "./pem.ts";
import { stackItems, withCertificateStack } from "./stack.ts";

/** The content of a PKCS#12 file. */
export interface Pkcs12 {
  /** The private key, owned. */
  readonly key: EVP_PKEY | null;
  /** The certificate of the key, owned. */
  readonly cert: X509 | null;
  /** Further certificates, owned. */
  readonly caCerts: X509[];
}

/** PKCS#12 files (PKCS12_parse(3), PKCS12_create(3)). */
export class Pkcs12Functions extends FunctionGroup {
  /**
   * Reads a PKCS#12 file: its key, certificate and further certificates, all owned. Returns
   * `null` if `der` isn't such a file or the password is wrong.
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

  /**
   * Creates a PKCS#12 file of a key, its certificate and further ones. Returns its DER form, or
   * `null` on failure.
   */
  PKCS12_create(
    pass: string,
    pkey: EVP_PKEY,
    cert: X509,
    ca: readonly X509[] = [],
  ): Uint8Array<ArrayBuffer> | null {
    const [key, leaf] = [this.ptr(pkey, "EVP_PKEY"), this.ptr(cert, "X509")];
    const file = withCertificateStack(
      this.ffi,
      ca,
      (stack) =>
        this.memory.withString(
          pass,
          (text) =>
            this.c.PKCS12_create(text, NULL, key, leaf, stack, 0, 0, 0, 0, 0),
        ),
    );
    if (file === 0) return null;
    try {
      return this.toDer((cursor) => this.c.i2d_PKCS12(file, cursor));
    } finally {
      this.c.PKCS12_free(file);
    }
  }

  #openPkcs12(file: Ptr<"PKCS12">, password: Address): Pkcs12 | null {
    return this.memory.withWords(3, (key) => {
      const [cert, ca] = [offset(key, 4), offset(key, 8)];
      if (this.c.PKCS12_parse(file, password, key, cert, ca) !== 1) {
        return null;
      }
      const stack = this.memory.readWord(ca) as Ptr<"OPENSSL_STACK">;
      const caCerts = stackItems<"X509">(this.ffi, stack).map((x) =>
        this.ffi.handles.own("X509", x) as X509
      );
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
}
