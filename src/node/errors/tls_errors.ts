import type { PeerCertificate } from "../peer/types.ts";
import { type CodedError, codedError, nativeError } from "./coded_error.ts";

/** The errors of `node:tls` and what else it throws, by their codes. */
const FIXED = {
  ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED: [
    Error,
    "Custom engines not supported by this OpenSSL",
  ],
  ERR_CRYPTO_UNSUPPORTED_OPERATION: [Error, "Unsupported crypto operation"],
  ERR_MULTIPLE_CALLBACK: [Error, "Callback called multiple times"],
  ERR_SOCKET_CLOSED: [Error, "Socket is closed"],
  ERR_TLS_ALPN_CALLBACK_WITH_PROTOCOLS: [
    TypeError,
    "The ALPNCallback and ALPNProtocols TLS options are mutually exclusive",
  ],
  ERR_TLS_CERT_ALTNAME_FORMAT: [
    SyntaxError,
    "Invalid subject alternative name string",
  ],
  ERR_TLS_HANDSHAKE_TIMEOUT: [Error, "TLS handshake timeout"],
  ERR_TLS_INVALID_STATE: [
    Error,
    "TLS socket connection must be securely established",
  ],
  ERR_TLS_PSK_SET_IDENTITY_HINT_FAILED: [
    Error,
    "Failed to set PSK identity hint",
  ],
  ERR_TLS_RENEGOTIATION_DISABLED: [
    Error,
    "TLS session renegotiation disabled for this socket",
  ],
  ERR_TLS_RENEGOTIATE: [Error, "Attempt to renegotiate TLS session failed"],
  ERR_TLS_REQUIRED_SERVER_NAME: [
    Error,
    '"servername" is required parameter for Server.addContext',
  ],
  ERR_TLS_SESSION_ATTACK: [Error, "TLS session renegotiation attack detected"],
  ERR_TLS_SNI_FROM_SERVER: [
    Error,
    "Cannot issue SNI from a TLS server-side socket",
  ],
} as const;

/** The error of a code whose message is always the same. */
export function tlsError(code: keyof typeof FIXED): CodedError {
  const [Class, message] = FIXED[code];
  return codedError(Class, code, message);
}

/** The certificate of a peer is for another host: `ERR_TLS_CERT_ALTNAME_INVALID`. */
export interface AltNameError extends CodedError {
  /** What doesn't match. */
  readonly reason: string;
  /** The host. */
  readonly host: string;
  /** The certificate. */
  readonly cert: Partial<PeerCertificate>;
}

/** A certificate is for another host. */
export function altNameInvalid(
  reason: string,
  host: string,
  cert: Partial<PeerCertificate>,
): AltNameError {
  return codedError(
    Error,
    "ERR_TLS_CERT_ALTNAME_INVALID",
    `Hostname/IP does not match certificate's altnames: ${reason}`,
    { reason, host, cert },
  );
}

/** A value is no SecureContext. */
export function invalidContext(name: string): CodedError {
  return codedError(
    TypeError,
    "ERR_TLS_INVALID_CONTEXT",
    `${name} must be a SecureContext`,
  );
}

/** `secureProtocol` is none of OpenSSL's methods, or of a version that isn't built. */
export function invalidProtocolMethod(message: string): CodedError {
  return nativeError(TypeError, "ERR_TLS_INVALID_PROTOCOL_METHOD", message);
}

/** `minVersion` or `maxVersion` is no version. */
export function invalidProtocolVersion(
  version: unknown,
  which: "minimum" | "maximum",
): CodedError {
  return codedError(
    TypeError,
    "ERR_TLS_INVALID_PROTOCOL_VERSION",
    `${shown(version)} is not a valid ${which} TLS protocol version`,
  );
}

/** `secureProtocol` is used with `minVersion` or `maxVersion`. */
export function protocolVersionConflict(
  version: unknown,
  protocol: unknown,
): CodedError {
  return codedError(
    TypeError,
    "ERR_TLS_PROTOCOL_VERSION_CONFLICT",
    `TLS protocol version ${shown(version)} conflicts with secureProtocol ${
      shown(protocol)
    }`,
  );
}

/** `ALPNCallback` chose what the client hadn't offered. */
export function alpnCallbackInvalidResult(
  value: unknown,
  protocols: readonly string[],
): CodedError {
  return codedError(
    TypeError,
    "ERR_TLS_ALPN_CALLBACK_INVALID_RESULT",
    `ALPN callback returned a value (${value}) that did not match any of the client's offered protocols (${
      protocols.join(", ")
    })`,
  );
}

/** The parameters of a server's Diffie-Hellman are smaller than `minDHSize`. */
export function dhParamSize(size: number): CodedError {
  return codedError(
    Error,
    "ERR_TLS_DH_PARAM_SIZE",
    `DH parameter size ${size} is less than 2048`,
  );
}

/** Something that OpenSSL doesn't do, and says no more of. */
export function operationFailed(message: string): CodedError {
  return nativeError(Error, "ERR_CRYPTO_OPERATION_FAILED", message);
}

/** The transport ended before its time: an `ECONNRESET` as the operating system's, without the code in its text. */
export function connectionReset<Fields extends object = object>(
  message: string,
  fields?: Fields,
): CodedError & Fields {
  return Object.assign(new Error(message), { code: "ECONNRESET" }, fields);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
