import { TlsError } from "../../internal/tls_error.ts";
import { X509_V_OK } from "../../libssl/constants.ts";
import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { HostName } from "../peer/host_name.ts";
import { verifyFailure } from "../peer/verify_failure.ts";

/** Why a connection has failed, beside what OpenSSL's error queue says. */
export interface ConnectionFailure {
  /** The code of the error. */
  readonly code: "handshake" | "certificate" | "protocol" | "truncated";
  /** The message of the error. */
  readonly message: string;
  /** The name of the verification error, if the peer's certificate is the cause. */
  readonly verifyError?: string | undefined;
}

/** The state of a connection when OpenSSL ended it. */
export interface FailedState {
  /** Whether the handshake was under way. */
  readonly isHandshaking: boolean;
  /** Whether a post-handshake certificate request had no answer yet. */
  readonly isAsking: boolean;
  /** `X509_V_*`. */
  readonly verifyResult: number;
  /** The host that the client connects to (clients). */
  readonly host: HostName | undefined;
}

/** Returns why OpenSSL has ended a connection. */
export function failureOf(
  libssl: Libssl,
  ssl: SSL,
  { isHandshaking, isAsking, verifyResult, host }: FailedState,
): ConnectionFailure {
  if ((isHandshaking || isAsking) && verifyResult !== X509_V_OK) {
    const failure = verifyFailure(libssl, ssl, verifyResult, host);
    return { code: "certificate", ...failure };
  }
  return isHandshaking
    ? { code: "handshake", message: "Cannot complete the handshake" }
    : { code: "protocol", message: "The connection failed" };
}

/** Returns the failure of a connection whose transport ended without close_notify. */
export function truncation(isHandshaking: boolean): ConnectionFailure {
  return {
    code: "truncated",
    message: isHandshaking
      ? "Cannot complete the handshake: the transport ended"
      : "The transport ended without close_notify: data may be missing",
  };
}

/** Returns the connection's error for what an import or a callback threw, such as the clock. */
export function asTlsError(error: unknown): TlsError {
  return error instanceof TlsError ? error : new TlsError(
    "protocol",
    "The connection failed: an import or a callback threw",
    {
      cause: error,
    },
  );
}
