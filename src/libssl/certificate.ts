import type { Ptr } from "../ffi/pointers.ts";
import { TlsError } from "../internal/tls_error.ts";
import { FunctionGroup } from "./function_group.ts";
import type { BIO, EVP_PKEY, X509 } from "./handles.ts";

/** The names of the fields, in the order of `sesame_field` in C. */
const FIELDS = [
  "subjectName",
  "subjectValue",
  "issuerName",
  "issuerValue",
  "hasAltNames",
  "altName",
  "accessMethod",
  "accessLocation",
  "isCa",
  "modulus",
  "exponent",
  "bits",
  "publicKey",
  "curve",
  "nistCurve",
  "validFrom",
  "validTo",
  "sha1",
  "sha256",
  "sha512",
  "keyPurpose",
  "serialNumber",
] as const;

const HEAD_BYTES = 5;

/** The name of a field. */
export type CertificateField = typeof FIELDS[number];

/** A field of a certificate, with its value in bytes: see `wasm/certificate_fields.h`. */
export type FieldValue = readonly [
  field: CertificateField,
  value: Uint8Array<ArrayBuffer>,
];

/**
 * Reads what `node:tls` shows of certificates, and private keys as it reads them
 * (`wasm/certificate.c`). These functions aren't OpenSSL's, so they are not in `Libssl`.
 *
 * @internal
 */
export class CertificateReader extends FunctionGroup {
  /** The fields of a certificate, in their order. */
  fieldsOf(x: X509): FieldValue[] {
    const ptr = this.ptr(x, "X509");
    const bio = this.c.BIO_new(this.c.BIO_s_mem());
    try {
      if (bio === 0 || this.c.sesame_certificate(ptr, bio) !== 1) {
        throw new TlsError("out-of-memory", "Cannot read the certificate");
      }
      return parsed(this.#contentOf(bio));
    } finally {
      this.c.BIO_free(bio);
    }
  }

  /** Reads the next private key in PEM, owned; an encrypted one is tried with an empty password. */
  readKey(bp: BIO): EVP_PKEY | null {
    return this.ffi.handles.own(
      "EVP_PKEY",
      this.c.sesame_read_key(this.ptr(bp, "BIO")),
    );
  }

  #contentOf(bio: Ptr<"BIO">): Uint8Array<ArrayBuffer> {
    const size = this.c.BIO_ctrl_pending(bio);
    return this.memory.withBlock(size + 1, (block) => {
      this.c.BIO_read(bio, block, size);
      return this.memory.read(block, size);
    });
  }
}

function parsed(bytes: Uint8Array<ArrayBuffer>): FieldValue[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields: FieldValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const field = FIELDS[view.getUint8(at)];
    const start = at + HEAD_BYTES;
    at = start + view.getUint32(at + 1, true);
    if (field !== undefined) fields.push([field, bytes.slice(start, at)]);
  }
  return fields;
}
