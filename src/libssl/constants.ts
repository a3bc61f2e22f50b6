/**
 * OpenSSL's constants under their own names (ssl.h, tls1.h, ssl3.h, x509_vfy.h, x509v3.h).
 * Options are 64-bit sets, so they are bigints.
 *
 * @module
 */

// Versions

/** TLS 1.0. */
export const TLS1_VERSION = 0x0301;
/** TLS 1.1. */
export const TLS1_1_VERSION = 0x0302;
/** TLS 1.2. */
export const TLS1_2_VERSION = 0x0303;
/** TLS 1.3. */
export const TLS1_3_VERSION = 0x0304;

// Session cache modes

/** No caching. */
export const SSL_SESS_CACHE_OFF = 0x0000;
/** Caching for clients. */
export const SSL_SESS_CACHE_CLIENT = 0x0001;
/** Caching for servers. */
export const SSL_SESS_CACHE_SERVER = 0x0002;
/** Caching for both. */
export const SSL_SESS_CACHE_BOTH = 0x0003;
/** No flush of expired sessions every 255 connections. */
export const SSL_SESS_CACHE_NO_AUTO_CLEAR = 0x0080;
/** The internal cache is not asked: the get callback always is. */
export const SSL_SESS_CACHE_NO_INTERNAL_LOOKUP = 0x0100;
/** The internal cache is not filled. */
export const SSL_SESS_CACHE_NO_INTERNAL_STORE = 0x0200;
/** No internal cache: only the callbacks. */
export const SSL_SESS_CACHE_NO_INTERNAL = 0x0300;
/** Each use of a session sets its time anew. */
export const SSL_SESS_CACHE_UPDATE_TIME = 0x0400;

// What SSL_get_error says

/** Nothing went wrong. */
export const SSL_ERROR_NONE = 0;
/** The connection failed: see the error queue. */
export const SSL_ERROR_SSL = 1;
/** More bytes of the peer are needed. */
export const SSL_ERROR_WANT_READ = 2;
/** Bytes to the peer must be taken away first. */
export const SSL_ERROR_WANT_WRITE = 3;
/** A certificate callback asked to be called again. */
export const SSL_ERROR_WANT_X509_LOOKUP = 4;
/** The transport failed or ended. */
export const SSL_ERROR_SYSCALL = 5;
/** The peer has sent close_notify. */
export const SSL_ERROR_ZERO_RETURN = 6;
/** The client-hello callback asked to be called again. */
export const SSL_ERROR_WANT_CLIENT_HELLO_CB = 11;
/** The verify callback asked to be called again. */
export const SSL_ERROR_WANT_RETRY_VERIFY = 12;

// Client-hello callback

/** End the handshake with an alert. */
export const SSL_CLIENT_HELLO_ERROR = 0;
/** Go on. */
export const SSL_CLIENT_HELLO_SUCCESS = 1;
/** Suspend the handshake. */
export const SSL_CLIENT_HELLO_RETRY: -1 = -1;

// Servername, ALPN and status callbacks

/** Acknowledge. */
export const SSL_TLSEXT_ERR_OK = 0;
/** Send a warning (not in TLS 1.3). */
export const SSL_TLSEXT_ERR_ALERT_WARNING = 1;
/** End the handshake with an alert. */
export const SSL_TLSEXT_ERR_ALERT_FATAL = 2;
/** Go on without. */
export const SSL_TLSEXT_ERR_NOACK = 3;
/** A server name that is a host name. */
export const TLSEXT_NAMETYPE_host_name = 0;
/** A certificate status by OCSP. */
export const TLSEXT_STATUSTYPE_ocsp = 1;

// Verification

/** Servers ask for no certificate; clients go on whatever they find. */
export const SSL_VERIFY_NONE = 0x00;
/** Servers ask for a certificate; clients insist on a good one. */
export const SSL_VERIFY_PEER = 0x01;
/** Servers insist on a certificate. */
export const SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 0x02;
/** Servers ask in the first handshake only. */
export const SSL_VERIFY_CLIENT_ONCE = 0x04;
/** Servers ask after the handshake (TLS 1.3). */
export const SSL_VERIFY_POST_HANDSHAKE = 0x08;
/** The chain is good. */
export const X509_V_OK = 0;
/** The certificate is for another host name. */
export const X509_V_ERR_HOSTNAME_MISMATCH = 62;
/** The certificate is for other IP addresses. */
export const X509_V_ERR_IP_ADDRESS_MISMATCH = 64;
/** The leaf must not be on its issuer's list of revoked certificates, which must be there. */
export const X509_V_FLAG_CRL_CHECK = 0x4;
/** With the flag before, the same of the whole chain. */
export const X509_V_FLAG_CRL_CHECK_ALL = 0x8;
/** No workarounds for broken certificates. */
export const X509_V_FLAG_X509_STRICT = 0x20;
/** A trusted certificate need not be a root. */
export const X509_V_FLAG_PARTIAL_CHAIN = 0x80000;
/** Times of validity are not checked. */
export const X509_V_FLAG_NO_CHECK_TIME = 0x200000;
/** `f*.example.com` matches nothing. */
export const X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS = 0x4;
/** Only subject alternative names count. */
export const X509_CHECK_FLAG_NEVER_CHECK_SUBJECT = 0x20;

// Shutdown

/** close_notify was sent. */
export const SSL_SENT_SHUTDOWN = 1;
/** close_notify was received. */
export const SSL_RECEIVED_SHUTDOWN = 2;

// Early data

/** There was none. */
export const SSL_EARLY_DATA_NOT_SENT = 0;
/** The server refused it. */
export const SSL_EARLY_DATA_REJECTED = 1;
/** The server took it. */
export const SSL_EARLY_DATA_ACCEPTED = 2;
/** Ask SSL_get_error. */
export const SSL_READ_EARLY_DATA_ERROR = 0;
/** There was some, and may be more. */
export const SSL_READ_EARLY_DATA_SUCCESS = 1;
/** There is no more. */
export const SSL_READ_EARLY_DATA_FINISH = 2;

// Key updates

/** New keys for what is sent. */
export const SSL_KEY_UPDATE_NOT_REQUESTED = 0;
/** New keys for both directions. */
export const SSL_KEY_UPDATE_REQUESTED = 1;

// Info callback

/** A change of state. */
export const SSL_CB_LOOP = 0x01;
/** A function of the handshake returns. */
export const SSL_CB_EXIT = 0x02;
/** Reading. */
export const SSL_CB_READ = 0x04;
/** Writing. */
export const SSL_CB_WRITE = 0x08;
/** A handshake starts. */
export const SSL_CB_HANDSHAKE_START = 0x10;
/** A handshake is done. */
export const SSL_CB_HANDSHAKE_DONE = 0x20;
/** An alert. */
export const SSL_CB_ALERT = 0x4000;

// Message callback

/** A change of cipher. */
export const SSL3_RT_CHANGE_CIPHER_SPEC = 20;
/** An alert. */
export const SSL3_RT_ALERT = 21;
/** A handshake message. */
export const SSL3_RT_HANDSHAKE = 22;
/** Application data. */
export const SSL3_RT_APPLICATION_DATA = 23;
/** A record's header. */
export const SSL3_RT_HEADER = 0x100;
/** The type inside an encrypted TLS 1.3 record. */
export const SSL3_RT_INNER_CONTENT_TYPE = 0x101;

// Configuration

/** Commands are named as on a command line. */
export const SSL_CONF_FLAG_CMDLINE = 0x1;
/** Commands are named as in a file. */
export const SSL_CONF_FLAG_FILE = 0x2;
/** Commands for clients. */
export const SSL_CONF_FLAG_CLIENT = 0x4;
/** Commands for servers. */
export const SSL_CONF_FLAG_SERVER = 0x8;
/** Refusals go into the error queue. */
export const SSL_CONF_FLAG_SHOW_ERRORS = 0x10;
/** Commands for certificates too. */
export const SSL_CONF_FLAG_CERTIFICATE = 0x20;
/** No such command. */
export const SSL_CONF_TYPE_UNKNOWN = 0x0;
/** A string. */
export const SSL_CONF_TYPE_STRING = 0x1;
/** A file. */
export const SSL_CONF_TYPE_FILE = 0x2;
/** A folder. */
export const SSL_CONF_TYPE_DIR = 0x3;
/** No value. */
export const SSL_CONF_TYPE_NONE = 0x4;
/** A store's URI. */
export const SSL_CONF_TYPE_STORE = 0x5;

// Modes

/** A write may take a part. */
export const SSL_MODE_ENABLE_PARTIAL_WRITE = 0x1;
/** A repeated write may come from elsewhere: always set. */
export const SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 0x2;
/** Reading goes on past messages that aren't data. */
export const SSL_MODE_AUTO_RETRY = 0x4;
/** Idle connections give back their buffers. */
export const SSL_MODE_RELEASE_BUFFERS = 0x10;

// Options

/** No extended master secret (RFC 7627). */
export const SSL_OP_NO_EXTENDED_MASTER_SECRET: bigint = 1n << 0n;
/** Clients accept servers without secure renegotiation. */
export const SSL_OP_LEGACY_SERVER_CONNECT: bigint = 1n << 2n;
/** Pads client hellos (RFC 7685). */
export const SSL_OP_TLSEXT_PADDING: bigint = 1n << 4n;
/** An end without close_notify counts as one with it. */
export const SSL_OP_IGNORE_UNEXPECTED_EOF: bigint = 1n << 7n;
/** Servers accept clients' renegotiations. */
export const SSL_OP_ALLOW_CLIENT_RENEGOTIATION: bigint = 1n << 8n;
/** No names of authorities in TLS 1.3. */
export const SSL_OP_DISABLE_TLSEXT_CA_NAMES: bigint = 1n << 9n;
/** TLS 1.3 resumption without a key exchange. */
export const SSL_OP_ALLOW_NO_DHE_KEX: bigint = 1n << 10n;
/** No stateless tickets: TLS 1.2 resumes by id, TLS 1.3 by stateful tickets. */
export const SSL_OP_NO_TICKET: bigint = 1n << 14n;
/** Renegotiations are full handshakes. */
export const SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION: bigint = 1n << 16n;
/** No compression. */
export const SSL_OP_NO_COMPRESSION: bigint = 1n << 17n;
/** No encrypt-then-MAC (RFC 7366). */
export const SSL_OP_NO_ENCRYPT_THEN_MAC: bigint = 1n << 19n;
/** TLS 1.3 dressed as TLS 1.2 resumption. */
export const SSL_OP_ENABLE_MIDDLEBOX_COMPAT: bigint = 1n << 20n;
/** Servers prefer ChaCha20 if the client does. */
export const SSL_OP_PRIORITIZE_CHACHA: bigint = 1n << 21n;
/** The server's order of ciphers counts. */
export const SSL_OP_CIPHER_SERVER_PREFERENCE: bigint = 1n << 22n;
/** Servers don't check early data for replays. */
export const SSL_OP_NO_ANTI_REPLAY: bigint = 1n << 24n;
/** No TLS 1.0. */
export const SSL_OP_NO_TLSv1: bigint = 1n << 26n;
/** No TLS 1.2. */
export const SSL_OP_NO_TLSv1_2: bigint = 1n << 27n;
/** No TLS 1.1. */
export const SSL_OP_NO_TLSv1_1: bigint = 1n << 28n;
/** No TLS 1.3. */
export const SSL_OP_NO_TLSv1_3: bigint = 1n << 29n;
/** No renegotiation. */
export const SSL_OP_NO_RENEGOTIATION: bigint = 1n << 30n;
/** Prefer TLS 1.3 resumption without a key exchange. */
export const SSL_OP_PREFER_NO_DHE_KEX: bigint = 1n << 35n;
