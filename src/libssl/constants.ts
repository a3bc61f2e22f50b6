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

/** Sessions are not cached. */
export const SSL_SESS_CACHE_OFF = 0x0000;
/** Client sessions are cached. */
export const SSL_SESS_CACHE_CLIENT = 0x0001;
/** Server sessions are cached. */
export const SSL_SESS_CACHE_SERVER = 0x0002;
/** Client and server sessions are cached. */
export const SSL_SESS_CACHE_BOTH = 0x0003;
/** Expired sessions are not flushed automatically, after every 255 connections. */
export const SSL_SESS_CACHE_NO_AUTO_CLEAR = 0x0080;
/** Sessions are not looked up in the internal cache: the get callback is always called. */
export const SSL_SESS_CACHE_NO_INTERNAL_LOOKUP = 0x0100;
/** Sessions are not stored in the internal cache. */
export const SSL_SESS_CACHE_NO_INTERNAL_STORE = 0x0200;
/** The internal cache is not used at all: only the callbacks are. */
export const SSL_SESS_CACHE_NO_INTERNAL = 0x0300;
/** Each use of a session updates its time. */
export const SSL_SESS_CACHE_UPDATE_TIME = 0x0400;

// What SSL_get_error says

/** The call succeeded. */
export const SSL_ERROR_NONE = 0;
/** The connection failed: the error queue has the reason. */
export const SSL_ERROR_SSL = 1;
/** The call needs more bytes from the peer. */
export const SSL_ERROR_WANT_READ = 2;
/** The call needs room for bytes to the peer. */
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

/** The handshake fails with an alert. */
export const SSL_CLIENT_HELLO_ERROR = 0;
/** The handshake continues. */
export const SSL_CLIENT_HELLO_SUCCESS = 1;
/** The handshake is suspended. */
export const SSL_CLIENT_HELLO_RETRY: -1 = -1;

// Servername, ALPN and status callbacks

/** The extension is acknowledged. */
export const SSL_TLSEXT_ERR_OK = 0;
/** A warning alert is sent (not in TLS 1.3). */
export const SSL_TLSEXT_ERR_ALERT_WARNING = 1;
/** The handshake fails with an alert. */
export const SSL_TLSEXT_ERR_ALERT_FATAL = 2;
/** The extension is not acknowledged. */
export const SSL_TLSEXT_ERR_NOACK = 3;
/** A server name that is a host name. */
export const TLSEXT_NAMETYPE_host_name = 0;
/** A certificate status by OCSP. */
export const TLSEXT_STATUSTYPE_ocsp = 1;

// Verification

/** A server requests no certificate; a client continues whatever the result of verification. */
export const SSL_VERIFY_NONE = 0x00;
/** A server requests a certificate; a client fails unless the certificate verifies. */
export const SSL_VERIFY_PEER = 0x01;
/** A server fails if the client sends no certificate. */
export const SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 0x02;
/** A server requests a certificate in the first handshake only. */
export const SSL_VERIFY_CLIENT_ONCE = 0x04;
/** A server requests a certificate after the handshake only (TLS 1.3). */
export const SSL_VERIFY_POST_HANDSHAKE = 0x08;
/** The certificate chain verifies. */
export const X509_V_OK = 0;
/** The certificate doesn't match the host name. */
export const X509_V_ERR_HOSTNAME_MISMATCH = 62;
/** The certificate doesn't match the IP address. */
export const X509_V_ERR_IP_ADDRESS_MISMATCH = 64;
/**
 * The leaf is checked against the certificate revocation list of its issuer, which must be
 * available.
 */
export const X509_V_FLAG_CRL_CHECK = 0x4;
/** With `X509_V_FLAG_CRL_CHECK`: the whole chain is checked. */
export const X509_V_FLAG_CRL_CHECK_ALL = 0x8;
/** Workarounds for broken certificates are disabled. */
export const X509_V_FLAG_X509_STRICT = 0x20;
/** A trusted certificate need not be self-signed. */
export const X509_V_FLAG_PARTIAL_CHAIN = 0x80000;
/** Periods of validity are not checked. */
export const X509_V_FLAG_NO_CHECK_TIME = 0x200000;
/** Wildcards for a part of a label, such as `f*.example.com`, match nothing. */
export const X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS = 0x4;
/** Only subject alternative names are matched. */
export const X509_CHECK_FLAG_NEVER_CHECK_SUBJECT = 0x20;

// Shutdown

/** close_notify was sent. */
export const SSL_SENT_SHUTDOWN = 1;
/** close_notify was received. */
export const SSL_RECEIVED_SHUTDOWN = 2;

// Early data

/** No early data was sent. */
export const SSL_EARLY_DATA_NOT_SENT = 0;
/** The server rejected the early data. */
export const SSL_EARLY_DATA_REJECTED = 1;
/** The server accepted the early data. */
export const SSL_EARLY_DATA_ACCEPTED = 2;
/** The call failed: see `SSL_get_error`. */
export const SSL_READ_EARLY_DATA_ERROR = 0;
/** Early data was read, and there may be more. */
export const SSL_READ_EARLY_DATA_SUCCESS = 1;
/** There is no more early data. */
export const SSL_READ_EARLY_DATA_FINISH = 2;

// Key updates

/** The sending keys are updated. */
export const SSL_KEY_UPDATE_NOT_REQUESTED = 0;
/** The keys of both directions are updated. */
export const SSL_KEY_UPDATE_REQUESTED = 1;

// Info callback

/** The state has changed. */
export const SSL_CB_LOOP = 0x01;
/** A handshake function returns. */
export const SSL_CB_EXIT = 0x02;
/** The event is about reading. */
export const SSL_CB_READ = 0x04;
/** The event is about writing. */
export const SSL_CB_WRITE = 0x08;
/** A handshake starts. */
export const SSL_CB_HANDSHAKE_START = 0x10;
/** A handshake is complete. */
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

/** Names of commands are those of the command line. */
export const SSL_CONF_FLAG_CMDLINE = 0x1;
/** Names of commands are those of configuration files. */
export const SSL_CONF_FLAG_FILE = 0x2;
/** Commands for clients are recognized. */
export const SSL_CONF_FLAG_CLIENT = 0x4;
/** Commands for servers are recognized. */
export const SSL_CONF_FLAG_SERVER = 0x8;
/** Errors are added to the error queue. */
export const SSL_CONF_FLAG_SHOW_ERRORS = 0x10;
/** Commands for certificates are recognized. */
export const SSL_CONF_FLAG_CERTIFICATE = 0x20;
/** The command is not recognized. */
export const SSL_CONF_TYPE_UNKNOWN = 0x0;
/** The value is a string. */
export const SSL_CONF_TYPE_STRING = 0x1;
/** The value is the name of a file. */
export const SSL_CONF_TYPE_FILE = 0x2;
/** The value is the name of a directory. */
export const SSL_CONF_TYPE_DIR = 0x3;
/** The command takes no value. */
export const SSL_CONF_TYPE_NONE = 0x4;
/** The value is the URI of a store. */
export const SSL_CONF_TYPE_STORE = 0x5;

// Modes

/** `SSL_write` may write only a part. */
export const SSL_MODE_ENABLE_PARTIAL_WRITE = 0x1;
/** A retried `SSL_write` may have its data at another address. This mode is always set. */
export const SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 0x2;
/** `SSL_read` continues after messages that aren't application data. */
export const SSL_MODE_AUTO_RETRY = 0x4;
/** Idle connections free their buffers. */
export const SSL_MODE_RELEASE_BUFFERS = 0x10;

// Options

/** No extended master secret (RFC 7627). */
export const SSL_OP_NO_EXTENDED_MASTER_SECRET: bigint = 1n << 0n;
/** Clients accept servers without secure renegotiation. */
export const SSL_OP_LEGACY_SERVER_CONNECT: bigint = 1n << 2n;
/** Pads client hellos (RFC 7685). */
export const SSL_OP_TLSEXT_PADDING: bigint = 1n << 4n;
/** The end of the transport without close_notify counts as close_notify. */
export const SSL_OP_IGNORE_UNEXPECTED_EOF: bigint = 1n << 7n;
/** Servers accept clients' renegotiations. */
export const SSL_OP_ALLOW_CLIENT_RENEGOTIATION: bigint = 1n << 8n;
/** Names of certificate authorities are not sent in TLS 1.3. */
export const SSL_OP_DISABLE_TLSEXT_CA_NAMES: bigint = 1n << 9n;
/** TLS 1.3 resumption without a key exchange. */
export const SSL_OP_ALLOW_NO_DHE_KEX: bigint = 1n << 10n;
/** Stateless tickets are not issued: TLS 1.2 resumes by session id, TLS 1.3 by stateful tickets. */
export const SSL_OP_NO_TICKET: bigint = 1n << 14n;
/** Renegotiations don't resume sessions. */
export const SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION: bigint = 1n << 16n;
/** No compression. */
export const SSL_OP_NO_COMPRESSION: bigint = 1n << 17n;
/** No encrypt-then-MAC (RFC 7366). */
export const SSL_OP_NO_ENCRYPT_THEN_MAC: bigint = 1n << 19n;
/** TLS 1.3 handshakes look like TLS 1.2 resumption (RFC 8446, appendix D.4). */
export const SSL_OP_ENABLE_MIDDLEBOX_COMPAT: bigint = 1n << 20n;
/** A server prefers ChaCha20-Poly1305 if the client does. */
export const SSL_OP_PRIORITIZE_CHACHA: bigint = 1n << 21n;
/** The server's order of cipher suites is used. */
export const SSL_OP_CIPHER_SERVER_PREFERENCE: bigint = 1n << 22n;
/** A server doesn't check early data for replays. */
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
