/**
 * Numbers in the registries of TLS (IANA, "TLS Parameters" and "TLS ExtensionType Values"): types
 * of handshake messages, and of extensions.
 *
 * @module
 */
export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
export const NEW_SESSION_TICKET = 4;
export const CERTIFICATE_REQUEST = 13;
export const SERVER_HELLO_DONE = 14;
export const MESSAGE_HASH = 254;

export const SERVER_NAME = 0;
export const SUPPORTED_GROUPS = 10;
export const SIGNATURE_ALGORITHMS = 13;
export const ALPN = 16;
export const PADDING = 21;
export const EXTENDED_MASTER_SECRET = 23;
export const SESSION_TICKET = 35;
export const PRE_SHARED_KEY = 41;
export const EARLY_DATA = 42;
export const SUPPORTED_VERSIONS = 43;
export const COOKIE = 44;
export const PSK_KEY_EXCHANGE_MODES = 45;
export const KEY_SHARE = 51;
