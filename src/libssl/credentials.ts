import { NULL, type Ptr } from "../ffi/pointers.ts";
import { int, list } from "./arguments.ts";
import { Chapter } from "./chapter.ts";
import type { EVP_PKEY, SSL_CTX, X509 } from "./handles.ts";

type Stack = Ptr<"OPENSSL_STACK">;

/** What a peer shows of itself: certificates with their keys and chains. */
export class CredentialFunctions extends Chapter {
  /**
   * Sets the certificate of its key's type, with its key and the chain above it: 1, or 0 if
   * they don't belong together, or, unless `override` is 1, if there is one of this type.
   */
  SSL_CTX_use_cert_and_key(
    ctx: SSL_CTX,
    x509: X509,
    pkey: EVP_PKEY,
    chain: readonly X509[],
    override: number,
  ): number {
    const [context, leaf, key] = [
      this.ptr(ctx, "SSL_CTX"),
      this.ptr(x509, "X509"),
      this.ptr(pkey, "EVP_PKEY"),
    ];
    return this.#withStack(
      chain,
      (stack) =>
        this.c.SSL_CTX_use_cert_and_key(
          context,
          leaf,
          key,
          stack,
          int(override, "override", 0, 1),
        ),
    );
  }

  /** Adds a name to those that servers alone send when they ask for a certificate: 1 or 0. */
  SSL_CTX_add_client_CA(ctx: SSL_CTX, cacert: X509): number {
    return this.c.SSL_CTX_add_client_CA(
      this.ptr(ctx, "SSL_CTX"),
      this.ptr(cacert, "X509"),
    );
  }

  /** 1 if a private key is that of a certificate, 0 if not. */
  X509_check_private_key(cert: X509, pkey: EVP_PKEY): number {
    return this.c.X509_check_private_key(
      this.ptr(cert, "X509"),
      this.ptr(pkey, "EVP_PKEY"),
    );
  }

  /** `X509_V_OK` if `subject` names `issuer` as its issuer; else why not, `X509_V_ERR_*`. */
  X509_check_issued(issuer: X509, subject: X509): number {
    return this.c.X509_check_issued(
      this.ptr(issuer, "X509"),
      this.ptr(subject, "X509"),
    );
  }

  /** A certificate of its DER form with what it is trusted for, if anything, owned. */
  d2i_X509_AUX(der: Uint8Array): X509 | null {
    return this.fromDer(
      der,
      (cursor, length) =>
        this.ffi.handles.own("X509", this.c.d2i_X509_AUX(NULL, cursor, length)),
    );
  }

  /** The DER form of the subject's name (`i2d_X509_NAME`). */
  X509_get_subject_name_der(x: X509): Uint8Array<ArrayBuffer> | null {
    const name = this.c.X509_get_subject_name(this.ptr(x, "X509"));
    return this.toDer((cursor) => this.c.i2d_X509_NAME(name, cursor));
  }

  /** A PKCS#12 file of a key, its certificate and further ones: its DER form, or `null`. */
  PKCS12_create(
    pass: string,
    pkey: EVP_PKEY,
    cert: X509,
    ca: readonly X509[] = [],
  ): Uint8Array<ArrayBuffer> | null {
    const [key, leaf] = [this.ptr(pkey, "EVP_PKEY"), this.ptr(cert, "X509")];
    const file = this.#withStack(
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

  /** Runs `use` with certificates as C has lists of them: borrowed. */
  #withStack<T>(certificates: readonly X509[], use: (stack: Stack) => T): T {
    const pointers = list(certificates, "certificates").map((x) =>
      this.ptr(x, "X509")
    );
    const stack = this.c.OPENSSL_sk_new_null();
    try {
      for (const ptr of pointers) {
        this.c.OPENSSL_sk_push(stack, ptr as number as Ptr<"void">);
      }
      return use(stack);
    } finally {
      this.c.OPENSSL_sk_free(stack);
    }
  }
}
