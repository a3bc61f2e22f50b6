import type { SSL, SSL_CIPHER } from "../libssl/handles.ts";
import type { Libssl } from "../libssl/libssl.ts";
import { OpenSSL } from "../libssl/openssl.ts";
import { allocated } from "../tls/errors/openssl_error.ts";

/** What `getCipher()` returns. */
export interface CipherInfo {
  /** OpenSSL's name. */
  readonly name: string;
  /** The IETF's name. */
  readonly standardName: string;
  /** The version of TLS that the suite was defined in: `"SSLv3"`, as Node.js writes TLS 1.0. */
  readonly version: string;
}

/** What `getEphemeralKeyInfo()` returns: empty for RSA. */
export interface EphemeralKeyInfo {
  /** The kind of key exchange: `"TLSGroup"` for key encapsulation. */
  readonly type?: "DH" | "ECDH" | "TLSGroup";
  /** The curve, for ECDH, or the group. */
  readonly name?: string;
  /** The size of the key in bits, for DH and ECDH. */
  readonly size?: number | undefined;
}

/** OpenSSL doesn't list the suites of TLS 1.3 that are off by default. */
const TLS13_CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_128_CCM_SHA256",
  "TLS_AES_128_CCM_8_SHA256",
];

const SIGNATURES: ReadonlyMap<number, string> = new Map([
  [6, "RSA"],
  [116, "DSA"],
  [408, "ECDSA"],
  [912, "RSA-PSS"],
  [1087, "Ed25519"],
  [1088, "Ed448"],
]);
const DIGESTS: ReadonlyMap<number, string> = new Map([
  [4, "MD5"],
  [64, "SHA1"],
  [672, "SHA256"],
  [673, "SHA384"],
  [674, "SHA512"],
  [675, "SHA224"],
]);
const UNDEFINED = "UNDEF";

let known: readonly string[] | undefined;

/** The names of the cipher suites that OpenSSL has, in lower case and alphabetical order. */
export function getCiphers(): string[] {
  known ??= listCiphers(OpenSSL.default.libssl);
  return [...known];
}

/** The algorithms for the compression of certificates (RFC 8879): this module has none. */
export function getCertificateCompressionAlgorithms(): string[] {
  return [];
}

/** The names and version of a cipher suite. */
export function cipherInfo(libssl: Libssl, cipher: SSL_CIPHER): CipherInfo {
  return {
    name: libssl.SSL_CIPHER_get_name(cipher),
    standardName: libssl.SSL_CIPHER_standard_name(cipher),
    version: libssl.SSL_CIPHER_get_version(cipher),
  };
}

/** The key by which a server took part in the key exchange, for its client. */
export function ephemeralKeyInfo(libssl: Libssl, ssl: SSL): EphemeralKeyInfo {
  const key = libssl.SSL_get_peer_tmp_key(ssl);
  if (key === null) {
    const name = libssl.SSL_get0_group_name(ssl);
    return name === null ? {} : { type: "TLSGroup", name, size: undefined };
  }
  try {
    const type = libssl.EVP_PKEY_get0_type_name(key);
    const size = libssl.EVP_PKEY_get_bits(key);
    if (type === "DH") return { type, size };
    const name = type === "EC" ? libssl.EVP_PKEY_get_group_name(key) : type;
    return { type: "ECDH", name: name ?? type, size };
  } finally {
    libssl.EVP_PKEY_free(key);
  }
}

/** The signature algorithms that both ends support, such as `"ECDSA+SHA256"`. */
export function sharedSigalgs(libssl: Libssl, ssl: SSL): string[] {
  return libssl.SSL_get_shared_sigalgs(ssl).map(({ sign, hash }) =>
    `${SIGNATURES.get(sign) ?? UNDEFINED}+${DIGESTS.get(hash) ?? UNDEFINED}`
  );
}

function listCiphers(libssl: Libssl): string[] {
  const ctx = allocated(libssl.SSL_CTX_new(libssl.TLS_method()), "a context");
  try {
    const names = [...libssl.SSL_CTX_get_ciphers(ctx), ...TLS13_CIPHERS];
    return [...new Set(names.map((name) => name.toLowerCase()))].sort();
  } finally {
    libssl.SSL_CTX_free(ctx);
  }
}
