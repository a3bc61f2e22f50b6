import { TlsError } from "../../../mod.ts";
import { formatHostAndPort, type HostAndPort } from "../host_and_port.ts";
import { asUsageError, isOptionError } from "../option_errors.ts";

const UNTRUSTED =
  "to trust it, pass its certificate or CA with --ca FILE (sesame serve --write-cert FILE writes one)";
const OTHER_NAME =
  "if the certificate is for another name, --servername NAME requests and verifies that name";
const NOT_VALID_NOW =
  "the server needs a new certificate, or this machine the correct time";
const MAY_NEED_CERTIFICATE =
  "the server may require a client certificate (--cert and --key), or another version or cipher suite";
const OTHER_VERSIONS =
  "try other versions with --min-version and --max-version";

/** Advice by `TlsError.verifyError`. */
const VERIFY_ADVICE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: NOT_VALID_NOW,
  CERT_NOT_YET_VALID: NOT_VALID_NOW,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  HOSTNAME_MISMATCH: OTHER_NAME,
  IP_ADDRESS_MISMATCH: OTHER_NAME,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

/** Advice by `TlsError.alert`. */
const ALERT_ADVICE: Readonly<Record<string, string>> = {
  "bad certificate": MAY_NEED_CERTIFICATE,
  "certificate required": MAY_NEED_CERTIFICATE,
  "handshake failure": MAY_NEED_CERTIFICATE,
  "no application protocol":
    "the server supports none of these protocols: try --alpn h2,http/1.1",
  "protocol version": OTHER_VERSIONS,
  "unknown ca": MAY_NEED_CERTIFICATE,
};

/** Advice by `TlsError.reason`. */
const REASON_ADVICE: Readonly<Record<string, string>> = {
  "no protocols available": OTHER_VERSIONS,
  "unsupported protocol": OTHER_VERSIONS,
};

/** The error of a connection that failed before its handshake was done, with advice. */
export function handshakeError(error: unknown, target: HostAndPort): unknown {
  if (isOptionError(error)) {
    return asUsageError(error, { hostname: "the host" });
  }
  if (error instanceof Deno.errors.ConnectionRefused) {
    return new Error(`Nothing listens on ${formatHostAndPort(target)}`, {
      cause: error,
    });
  }
  return withAdvice(
    error,
    "the server closed the connection: it may require another version, or not speak TLS",
  );
}

/** The error of a connection that failed after its handshake, with advice. */
export function dataError(error: unknown): unknown {
  return withAdvice(
    error,
    "the server closed the connection without close_notify: the response may be incomplete",
  );
}

function withAdvice(error: unknown, truncated: string): unknown {
  if (!(error instanceof TlsError)) return error;
  const advice = error.code === "truncated" ? truncated : adviceFor(error);
  if (advice === undefined) return error;
  return new Error(`${error.message}; ${advice}`, { cause: error });
}

function adviceFor(
  { code, verifyError, alert, reason }: TlsError,
): string | undefined {
  if (code === "timeout") return "--timeout SECONDS sets a longer time limit";
  return VERIFY_ADVICE[verifyError ?? ""] ?? ALERT_ADVICE[alert ?? ""] ??
    REASON_ADVICE[reason ?? ""];
}
