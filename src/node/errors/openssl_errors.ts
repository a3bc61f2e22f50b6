import type { ErrorEntry } from "../../libssl/error.ts";
import type { Libssl } from "../../libssl/libssl.ts";

const LIBRARY_SHIFT = 23;
const REASON_MASK = 0x7f_ffff;

/** The libraries whose names Node.js puts into codes, by OpenSSL's `ERR_LIB_*`. */
const LIBRARIES: ReadonlyMap<number, string> = new Map([
  [2, "SYS"],
  [3, "BN"],
  [4, "RSA"],
  [5, "DH"],
  [6, "EVP"],
  [7, "BUF"],
  [8, "OBJ"],
  [9, "PEM"],
  [10, "DSA"],
  [11, "X509"],
  [13, "ASN1"],
  [14, "CONF"],
  [15, "CRYPTO"],
  [16, "EC"],
  [32, "BIO"],
  [33, "PKCS7"],
  [34, "X509V3"],
  [35, "PKCS12"],
  [36, "RAND"],
  [37, "DSO"],
  [38, "ENGINE"],
  [39, "OCSP"],
  [40, "UI"],
  [41, "COMP"],
  [42, "ECDSA"],
  [43, "ECDH"],
  [44, "OSSL_STORE"],
  [45, "FIPS"],
  [46, "CMS"],
  [47, "TS"],
  [48, "HMAC"],
  [50, "CT"],
  [51, "ASYNC"],
  [52, "KDF"],
  [53, "SM2"],
]);
const SSL_LIBRARY = 20;

/** An error of OpenSSL's, with the fields that Node.js gives it. */
export interface OpenSSLError extends Error {
  /** The code, such as `"ERR_SSL_NO_CIPHER_MATCH"`. */
  code?: string;
  /** The name of the library, such as `"SSL routines"`. */
  library?: string;
  /** The reason, such as `"no cipher match"`. */
  reason?: string;
  /** The other entries of the queue, the newest first. */
  opensslErrorStack?: string[];
}

/** Empties the error queue: the oldest entry first. */
export function takeEntries(libssl: Libssl): ErrorEntry[] {
  const entries: ErrorEntry[] = [];
  for (;;) {
    const entry = libssl.ERR_get_error_all();
    if (entry === null) return entries;
    entries.push(entry);
  }
}

/** The reason code of an entry, `*_R_*`. */
export function reasonCode(entry: ErrorEntry | undefined): number {
  return (entry?.code ?? 0) & REASON_MASK;
}

/** What `createSecureContext` throws: an entry of the error queue, which is emptied. */
export function contextError(
  libssl: Libssl,
  which: "newest" | "oldest" = "oldest",
): OpenSSLError {
  const entries = takeEntries(libssl);
  const first = which === "oldest" ? entries.shift() : entries.pop();
  const error: OpenSSLError = new Error(
    libssl.ERR_error_string(first?.code ?? 0),
  );
  if (which === "oldest" && entries.length > 0) {
    error.opensslErrorStack = entries.map(({ code }) =>
      libssl.ERR_error_string(code)
    ).reverse();
  }
  if (first) addFields(error, first, prefixOf(first));
  return error;
}

/**
 * What a connection fails with: the entries of the error queue in OpenSSL's lines, and the first
 * one as fields.
 */
export function connectionError(
  libssl: Libssl,
  entries: readonly ErrorEntry[],
): OpenSSLError {
  const error: OpenSSLError = new Error(
    entries.map(({ code, data }) =>
      `${libssl.ERR_error_string(code)}:${data ?? ""}\n`
    ).join(""),
  );
  const [first] = entries;
  if (first) addFields(error, first, "ERR_SSL_");
  return error;
}

function addFields(
  error: OpenSSLError,
  { library, reason }: ErrorEntry,
  prefix: string,
): void {
  if (library !== null) error.library = library;
  if (reason === null) return;
  error.reason = reason;
  error.code = prefix + reason.toUpperCase().replaceAll(" ", "_");
}

function prefixOf({ code }: ErrorEntry): string {
  const number = code >>> LIBRARY_SHIFT;
  if (number === SSL_LIBRARY) return "ERR_SSL_";
  const name = LIBRARIES.get(number);
  return name === undefined ? "ERR_OSSL_" : `ERR_OSSL_${name}_`;
}
