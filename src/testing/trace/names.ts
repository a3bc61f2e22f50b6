import { CIPHER_SUITES } from "./cipher_names.ts";

/** Alerts (IANA, "TLS Alerts"): their names in the RFCs. */
export const ALERTS: ReadonlyMap<number, string> = new Map([
  [0, "close_notify"],
  [10, "unexpected_message"],
  [20, "bad_record_mac"],
  [21, "decryption_failed"],
  [22, "record_overflow"],
  [30, "decompression_failure"],
  [40, "handshake_failure"],
  [41, "no_certificate"],
  [42, "bad_certificate"],
  [43, "unsupported_certificate"],
  [44, "certificate_revoked"],
  [45, "certificate_expired"],
  [46, "certificate_unknown"],
  [47, "illegal_parameter"],
  [48, "unknown_ca"],
  [49, "access_denied"],
  [50, "decode_error"],
  [51, "decrypt_error"],
  [60, "export_restriction"],
  [70, "protocol_version"],
  [71, "insufficient_security"],
  [80, "internal_error"],
  [86, "inappropriate_fallback"],
  [90, "user_canceled"],
  [100, "no_renegotiation"],
  [109, "missing_extension"],
  [110, "unsupported_extension"],
  [111, "certificate_unobtainable"],
  [112, "unrecognized_name"],
  [113, "bad_certificate_status_response"],
  [114, "bad_certificate_hash_value"],
  [115, "unknown_psk_identity"],
  [116, "certificate_required"],
  [120, "no_application_protocol"],
  [121, "ech_required"],
]);

/** An alert as OpenSSL words it, and `TlsError.alert`, by its name in the RFCs. */
export function alertInWords(name: string): string {
  return name.replaceAll("_", " ")
    .replace(/\b(?:ca|psk)\b/, (word) => word.toUpperCase());
}

/** Extensions (IANA, "TLS ExtensionType Values"). */
const EXTENSIONS: ReadonlyMap<number, string> = new Map([
  [0, "server_name"],
  [1, "max_fragment_length"],
  [2, "client_certificate_url"],
  [3, "trusted_ca_keys"],
  [4, "truncated_hmac"],
  [5, "status_request"],
  [9, "cert_type"],
  [10, "supported_groups"],
  [11, "ec_point_formats"],
  [12, "srp"],
  [13, "signature_algorithms"],
  [14, "use_srtp"],
  [15, "heartbeat"],
  [16, "application_layer_protocol_negotiation"],
  [17, "status_request_v2"],
  [18, "signed_certificate_timestamp"],
  [19, "client_certificate_type"],
  [20, "server_certificate_type"],
  [21, "padding"],
  [22, "encrypt_then_mac"],
  [23, "extended_master_secret"],
  [24, "token_binding"],
  [27, "compress_certificate"],
  [28, "record_size_limit"],
  [34, "delegated_credential"],
  [35, "session_ticket"],
  [41, "pre_shared_key"],
  [42, "early_data"],
  [43, "supported_versions"],
  [44, "cookie"],
  [45, "psk_key_exchange_modes"],
  [47, "certificate_authorities"],
  [48, "oid_filters"],
  [49, "post_handshake_auth"],
  [50, "signature_algorithms_cert"],
  [51, "key_share"],
  [57, "quic_transport_parameters"],
  [58, "ticket_request"],
  [13172, "next_protocol_negotiation"],
  [65037, "encrypted_client_hello"],
  [65281, "renegotiation_info"],
]);

/** Groups of key exchanges (IANA, "TLS Supported Groups"), by the names that OpenSSL uses. */
const GROUPS: ReadonlyMap<number, string> = new Map([
  [19, "secp192r1"],
  [21, "secp224r1"],
  [22, "secp256k1"],
  [23, "secp256r1"],
  [24, "secp384r1"],
  [25, "secp521r1"],
  [26, "brainpoolP256r1"],
  [27, "brainpoolP384r1"],
  [28, "brainpoolP512r1"],
  [29, "x25519"],
  [30, "x448"],
  [31, "brainpoolP256r1tls13"],
  [32, "brainpoolP384r1tls13"],
  [33, "brainpoolP512r1tls13"],
  [256, "ffdhe2048"],
  [257, "ffdhe3072"],
  [258, "ffdhe4096"],
  [259, "ffdhe6144"],
  [260, "ffdhe8192"],
  [512, "MLKEM512"],
  [513, "MLKEM768"],
  [514, "MLKEM1024"],
  [4587, "SecP256r1MLKEM768"],
  [4588, "X25519MLKEM768"],
  [4589, "SecP384r1MLKEM1024"],
]);

/** Ways to sign (IANA, "TLS SignatureScheme"; older pairs of hash and signature). */
const SIGNATURES: ReadonlyMap<number, string> = new Map([
  [0x0201, "rsa_pkcs1_sha1"],
  [0x0202, "dsa_sha1"],
  [0x0203, "ecdsa_sha1"],
  [0x0301, "rsa_pkcs1_sha224"],
  [0x0302, "dsa_sha224"],
  [0x0303, "ecdsa_sha224"],
  [0x0401, "rsa_pkcs1_sha256"],
  [0x0402, "dsa_sha256"],
  [0x0403, "ecdsa_secp256r1_sha256"],
  [0x0501, "rsa_pkcs1_sha384"],
  [0x0502, "dsa_sha384"],
  [0x0503, "ecdsa_secp384r1_sha384"],
  [0x0601, "rsa_pkcs1_sha512"],
  [0x0602, "dsa_sha512"],
  [0x0603, "ecdsa_secp521r1_sha512"],
  [0x0804, "rsa_pss_rsae_sha256"],
  [0x0805, "rsa_pss_rsae_sha384"],
  [0x0806, "rsa_pss_rsae_sha512"],
  [0x0807, "ed25519"],
  [0x0808, "ed448"],
  [0x0809, "rsa_pss_pss_sha256"],
  [0x080a, "rsa_pss_pss_sha384"],
  [0x080b, "rsa_pss_pss_sha512"],
  [0x081a, "ecdsa_brainpoolP256r1tls13_sha256"],
  [0x081b, "ecdsa_brainpoolP384r1tls13_sha384"],
  [0x081c, "ecdsa_brainpoolP512r1tls13_sha512"],
  [0x0904, "mldsa44"],
  [0x0905, "mldsa65"],
  [0x0906, "mldsa87"],
]);

const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0300, "SSLv3"],
  [0x0301, "TLSv1"],
  [0x0302, "TLSv1.1"],
  [0x0303, "TLSv1.2"],
  [0x0304, "TLSv1.3"],
]);

const RECORD_TYPES: ReadonlyMap<number, string> = new Map([
  [20, "change_cipher_spec"],
  [21, "alert"],
  [22, "handshake"],
  [23, "application_data"],
]);

const KEY_EXCHANGE_MODES: ReadonlyMap<number, string> = new Map([
  [0, "psk_ke"],
  [1, "psk_dhe_ke"],
]);

/** An alert's name; those without one by number. */
export const alertName: (code: number) => string = decimal(ALERTS);
/** An extension's name. */
export const extensionName: (code: number) => string = decimal(EXTENSIONS);
/** A record type's name. */
export const recordTypeName: (code: number) => string = decimal(RECORD_TYPES);
/** How a pre-shared key is to be used. */
export const keyExchangeModeName: (code: number) => string = decimal(
  KEY_EXCHANGE_MODES,
);
/** A cipher suite's name in the RFCs. */
export const cipherSuiteName: (code: number) => string = hex(CIPHER_SUITES);
/** A group's name. */
export const groupName: (code: number) => string = hex(GROUPS);
/** A signature algorithm's name. */
export const signatureName: (code: number) => string = hex(SIGNATURES);
/** A version's name, as in `TlsConnectionInfo.protocol`. */
export const versionName: (code: number) => string = hex(VERSIONS);

function decimal(
  names: ReadonlyMap<number, string>,
): (code: number) => string {
  return (code) => names.get(code) ?? String(code);
}

function hex(names: ReadonlyMap<number, string>): (code: number) => string {
  return (code) => names.get(code) ?? `0x${code.toString(16).padStart(4, "0")}`;
}
