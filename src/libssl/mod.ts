/**
 * OpenSSL's API under OpenSSL's names and rules.
 *
 * @example External session caching as a C programmer would write it
 * ```ts
 * import { OpenSSL, SSL_SESS_CACHE_SERVER } from "@sesame/tls/libssl";
 *
 * const { libssl } = OpenSSL.default;
 * const ctx = libssl.SSL_CTX_new(libssl.TLS_server_method());
 * if (ctx === null) throw new Error("SSL_CTX_new failed");
 *
 * const store = new Map<string, Uint8Array>();
 * libssl.SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_SERVER);
 * libssl.SSL_CTX_sess_set_new_cb(ctx, (_ssl, session) => {
 *   const der = libssl.i2d_SSL_SESSION(session);
 *   if (der) store.set(libssl.SSL_SESSION_get_id(session).toHex(), der);
 *   return 0;
 * });
 * libssl.SSL_CTX_sess_set_get_cb(ctx, (_ssl, id, copy) => {
 *   const der = store.get(id.toHex());
 *   copy.value = 0;
 *   return der ? libssl.d2i_SSL_SESSION(der) : null;
 * });
 * libssl.SSL_CTX_free(ctx);
 * ```
 *
 * @module
 */
export { TlsError } from "../internal/tls_error.ts";
export type { TlsErrorCode, TlsErrorOptions } from "../internal/tls_error.ts";
export type { Handle } from "../ffi/handle_table.ts";
export * from "./connection/bio.ts";
export * from "./callbacks/callbacks.ts";
export * from "./callbacks/cert.ts";
export * from "./connection/cipher.ts";
export * from "./callbacks/client_hello.ts";
export * from "./context/conf.ts";
export * from "./connection/connection.ts";
export * from "./connection/connection_options.ts";
export * from "./connection/connection_state.ts";
export * from "./constants.ts";
export * from "./context/context.ts";
export * from "./context/context_algorithms.ts";
export * from "./context/context_credentials.ts";
export * from "./context/context_tickets.ts";
export * from "./crypto.ts";
export * from "./connection/early_data.ts";
export * from "./error.ts";
export * from "./x509/evp_pkey.ts";
export * from "./handles.ts";
export * from "./connection/key_material.ts";
export * from "./libssl.ts";
export * from "./connection/peer_certificate.ts";
export * from "./x509/pem.ts";
export * from "./x509/pkcs12.ts";
export * from "./callbacks/psk.ts";
export * from "./session/session.ts";
export * from "./session/session_cache.ts";
export * from "./session/session_callbacks.ts";
export * from "./session/session_fields.ts";
export * from "./session/session_pem.ts";
export * from "./session/session_statistics.ts";
export * from "./session/session_ticket.ts";
export * from "./callbacks/status.ts";
export * from "./callbacks/ticket_key.ts";
export * from "./callbacks/verify.ts";
export * from "./x509/x509.ts";
export * from "./x509/x509_build.ts";
export * from "./x509/x509_crl.ts";
export * from "./x509/x509_store.ts";
export { OpenSSL } from "./openssl.ts";
export type { OpenSSLMemory, OpenSSLOptions } from "./openssl.ts";
