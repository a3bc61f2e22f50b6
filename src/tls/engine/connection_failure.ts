import { TlsError } from "../../internal/tls_error.ts";
import { X509_V_OK } from "../../libssl/constants.ts";
import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { HostName } from "../peer/host_name.ts";
import { verifyFailure } from "../peer/verify_failure.ts";

/** Why a connection has failed, beside what OpenSSL's error queue says. */
export interface ConnectionFailure {
  /** What kind of failure it is. */
  readonly code: "handshake" | "certificate" | "protocol" | "truncated";
  /** For people. */
  readonly message: string;
  /** The name of the verification error, if the peer's certificate is why. */
  readonly verifyError?: string | undefined;
}

/** Where a connection stood as OpenSSL ended it. */
export interface FailedState {
  /** Whether the handshake was under way. */
  readonly isHandshaking: boolean;
  /** Whether a client had been asked for its certificate. */
  readonly isAsking: boolean;
  /** `X509_V_*`. */
  readonly verifyResult: number;
  /** The host that a client asked for. */
  readonly host: HostName | undefined;
}

/** Why OpenSSL has ended a connection. */
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

/** Why the input of a connection is less than the peer may have meant. */
export function truncation(isHandshaking: boolean): ConnectionFailure {
  return {
    code: "truncated",
    message: isHandshaking
      ? "Cannot complete the handshake: the transport ended"
      : "The transport ended without close_notify: data may be missing",
  };
}

/** What the host threw, as the error of a connection. */
export function asTlsError(error: unknown): TlsError {
  return error instanceof TlsError
    ? error
    : new TlsError("protocol", "The connection failed by its host", {
      cause: error,
    });
}
