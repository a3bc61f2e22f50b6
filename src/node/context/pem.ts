import { Buffer } from "node:buffer";
import type { BIO, X509 } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { allocated } from "../../tls/errors/openssl_error.ts";
import type { PemInput } from "./options.ts";

/** `PEM_R_NO_START_LINE` with its library: no more blocks. */
export const NO_START_LINE: number = 9 << 23 | 108;

const LINE = /.{1,64}/g;

/** The bytes of an input: those of a string in UTF-8. */
export function inputBytes(input: PemInput): Uint8Array<ArrayBuffer> {
  if (typeof input === "string") return new TextEncoder().encode(input);
  const { buffer, byteOffset, byteLength } = input;
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}

/** Calls `use` with a BIO of an input, of which no copy stays. */
export function withInput<T>(
  libssl: Libssl,
  input: PemInput,
  use: (bio: BIO) => T,
): T {
  const bytes = inputBytes(input);
  const bio = allocated(libssl.BIO_new_mem_buf(bytes), "a BIO");
  bytes.fill(0);
  try {
    return use(bio);
  } finally {
    libssl.BIO_free(bio);
  }
}

/** The certificates in PEM that come next in a BIO, owned; the first that can't be read ends them. */
export function readCertificates(libssl: Libssl, bio: BIO): X509[] {
  const certificates: X509[] = [];
  for (;;) {
    const x = libssl.PEM_read_bio_X509_AUX(bio);
    if (x === null) return certificates;
    certificates.push(x);
  }
}

/** Calls `use` with the certificates of an input. */
export function withCertificates<T>(
  libssl: Libssl,
  input: PemInput,
  use: (certificates: readonly X509[]) => T,
): T {
  const certificates = withInput(
    libssl,
    input,
    (bio) => readCertificates(libssl, bio),
  );
  try {
    return use(certificates);
  } finally {
    certificates.forEach((x) => libssl.X509_free(x));
  }
}

/** A certificate in DER as PEM. */
export function certificatePem(der: Uint8Array): string {
  const lines = Buffer.from(der).toString("base64").match(LINE) ?? [];
  return [
    "-----BEGIN CERTIFICATE-----",
    ...lines,
    "-----END CERTIFICATE-----",
    "",
  ].join("\n");
}
