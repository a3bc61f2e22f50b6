/**
 * OpenSSL's objects, as handles. Reference counts are the caller's, as in C: what a
 * function's documentation calls *owned* must be given back by the `_free` function
 * of its kind; what it calls *borrowed* lives as long as the object it came from.
 * A handle whose object OpenSSL has freed is dead: using it is a `TypeError`.
 *
 * @module
 */
import type { Handle } from "../ffi/handle_table.ts";

/** A context: configuration, callbacks and session cache of many connections. */
export type SSL_CTX = Handle<"SSL_CTX">;
/** One connection. */
export type SSL = Handle<"SSL">;
/** A session: what two peers keep of a handshake to resume it. */
export type SSL_SESSION = Handle<"SSL_SESSION">;
/** Which versions a context speaks, and in which role. */
export type SSL_METHOD = Handle<"SSL_METHOD">;
/** A cipher suite. */
export type SSL_CIPHER = Handle<"SSL_CIPHER">;
/** A reader of OpenSSL's configuration language. */
export type SSL_CONF_CTX = Handle<"SSL_CONF_CTX">;
/** A stream of bytes: here memory, or one half of a pair. */
export type BIO = Handle<"BIO">;
/** A certificate. */
export type X509 = Handle<"X509">;
/** A list of revoked certificates. */
export type X509_CRL = Handle<"X509_CRL">;
/** Trusted certificates. */
export type X509_STORE = Handle<"X509_STORE">;
/** A verification in progress: valid only in the verify callback. */
export type X509_STORE_CTX = Handle<"X509_STORE_CTX">;
/** A private or public key. */
export type EVP_PKEY = Handle<"EVP_PKEY">;

/** C's out-parameter: a callback sets `value`. */
export interface Out<T> {
  /** What C reads after the callback. */
  value: T;
}
