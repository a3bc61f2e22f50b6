/**
 * Handles of OpenSSL's objects. The caller counts references, as in C: an object that the
 * documentation calls *owned* must be freed by the `_free` function of its type; one that it
 * calls *borrowed* lives as long as the object that it was taken from. Using a handle whose
 * object OpenSSL has freed throws a `TypeError`.
 *
 * @module
 */
import type { Handle } from "../ffi/handle_table.ts";

/** A context: configuration, callbacks and session cache of many connections. */
export type SSL_CTX = Handle<"SSL_CTX">;
/** A connection. */
export type SSL = Handle<"SSL">;
/** A session: the parameters of a handshake that allow two peers to resume it. */
export type SSL_SESSION = Handle<"SSL_SESSION">;
/** The protocol versions and the role of a context. */
export type SSL_METHOD = Handle<"SSL_METHOD">;
/** A cipher suite. */
export type SSL_CIPHER = Handle<"SSL_CIPHER">;
/** A context of OpenSSL's configuration commands. */
export type SSL_CONF_CTX = Handle<"SSL_CONF_CTX">;
/** A BIO: a memory buffer or one half of a pair. */
export type BIO = Handle<"BIO">;
/** A certificate. */
export type X509 = Handle<"X509">;
/** A certificate revocation list. */
export type X509_CRL = Handle<"X509_CRL">;
/** A store of trusted certificates and certificate revocation lists. */
export type X509_STORE = Handle<"X509_STORE">;
/** A verification in progress. It is valid only in the verify callback. */
export type X509_STORE_CTX = Handle<"X509_STORE_CTX">;
/** A private or public key. */
export type EVP_PKEY = Handle<"EVP_PKEY">;

/** An out-parameter of C: the callee sets `value`. */
export interface Out<T> {
  /** The value. */
  value: T;
}
