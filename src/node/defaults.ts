import { runtimeTls } from "./runtime_tls.ts";

/** Settings of `node:tls` that a program may assign to: they count where an option is missing. */
export interface TlsDefaults {
  /** How often clients may renegotiate in {@linkcode TlsDefaults.CLIENT_RENEG_WINDOW}. */
  CLIENT_RENEG_LIMIT: number;
  /** In seconds. */
  CLIENT_RENEG_WINDOW: number;
  /** The cipher suites, in OpenSSL's list form with those of TLS 1.3. */
  DEFAULT_CIPHERS: string;
  /** The groups of key exchanges, or `"auto"`. */
  DEFAULT_ECDH_CURVE: string;
  /** The highest version of TLS. */
  DEFAULT_MAX_VERSION: string;
  /** The lowest version of TLS. */
  DEFAULT_MIN_VERSION: string;
}

/** The suites of Node.js 24, in its order. */
const CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "DHE-RSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-SHA256",
  "DHE-RSA-AES128-SHA256",
  "ECDHE-RSA-AES256-SHA384",
  "DHE-RSA-AES256-SHA384",
  "ECDHE-RSA-AES256-SHA256",
  "DHE-RSA-AES256-SHA256",
  "HIGH",
  "!aNULL",
  "!eNULL",
  "!EXPORT",
  "!DES",
  "!RC4",
  "!MD5",
  "!PSK",
  "!SRP",
  "!CAMELLIA",
];

/**
 * What counts where an option is missing. In Node.js they begin as the runtime's, which its
 * command line sets (`--tls-min-v1.0`, `--tls-cipher-list`); workerd, which says that it is
 * Node.js, has empty ones.
 */
export const defaults: TlsDefaults = {
  CLIENT_RENEG_LIMIT: 3,
  CLIENT_RENEG_WINDOW: 600,
  DEFAULT_CIPHERS: runtimeTls.nodeDefaults?.DEFAULT_CIPHERS ||
    CIPHERS.join(":"),
  DEFAULT_ECDH_CURVE: "auto",
  DEFAULT_MAX_VERSION: runtimeTls.nodeDefaults?.DEFAULT_MAX_VERSION ||
    "TLSv1.3",
  DEFAULT_MIN_VERSION: runtimeTls.nodeDefaults?.DEFAULT_MIN_VERSION ||
    "TLSv1.2",
};
