/** Numbers of TLS's registries that hellos are made of (IANA, "TLS Parameters"). */
export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
export const NEW_SESSION_TICKET = 4;
export const CERTIFICATE = 11;
export const SERVER_KEY_EXCHANGE = 12;
export const SERVER_HELLO_DONE = 14;
export const MESSAGE_HASH = 254;

export const SERVER_NAME = 0;
export const SESSION_TICKET = 35;
export const PRE_SHARED_KEY = 41;
export const EARLY_DATA = 42;
export const SUPPORTED_VERSIONS = 43;
export const COOKIE = 44;
export const KEY_SHARE = 51;
export const PADDING = 21;

export const TLS1_2 = 0x0303;
export const TLS1_3 = 0x0304;
