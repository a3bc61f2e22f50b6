import type { OptionPath } from "../../internal/option_error.ts";
import { TlsError, type TlsErrorCode } from "../../internal/tls_error.ts";
import type { Libssl } from "../../libssl/libssl.ts";

const LIBRARY_SHIFT = 23;
const SSL_LIBRARY = 20;
/** What comes of bytes that are no TLS: `SSL_R_*` of `sslerr.h`, with their library. */
const NOT_TLS: ReadonlySet<number> = new Set([
  155, // SSL_R_HTTPS_PROXY_REQUEST
  156, // SSL_R_HTTP_REQUEST
  198, // SSL_R_PACKET_LENGTH_TOO_LONG
  267, // SSL_R_WRONG_VERSION_NUMBER
].map((reason) => SSL_LIBRARY << LIBRARY_SHIFT | reason));

/** The fields that a {@linkcode TlsError} has besides what OpenSSL's error queue says. */
export interface FailureFields {
  /** The fatal alert that was sent or received. */
  readonly alert?: string | undefined;
  /** What caused the failure, if it was an exception. */
  readonly cause?: unknown;
  /** The verification error of the peer's certificate. */
  readonly verifyError?: string | undefined;
  /** The path of the option that was refused. */
  readonly optionPath?: OptionPath | undefined;
}

/**
 * A {@linkcode TlsError} with the entries of OpenSSL's error queue, once each, as its
 * `reason`. The queue is then empty.
 */
export function opensslError(
  libssl: Libssl,
  code: TlsErrorCode,
  message: string,
  { alert, cause, verifyError, optionPath }: FailureFields = {},
): TlsError {
  const reasons = new Set<string>();
  let isTls = true;
  for (
    let entry = libssl.ERR_get_error_all();
    entry !== null;
    entry = libssl.ERR_get_error_all()
  ) {
    const { code: packed, reason, data } = entry;
    isTls &&= !NOT_TLS.has(packed);
    reasons.add([reason ?? "unknown error", data].filter(Boolean).join(": "));
  }
  const reason = reasons.size > 0 ? [...reasons].join("; ") : undefined;
  const detail = reason ?? alert;
  return new TlsError(
    code,
    (detail === undefined ? message : `${message}: ${detail}`) +
      (isTls ? "" : "; the peer seems not to speak TLS"),
    { reason, alert, cause, verifyError, optionPath },
  );
}

/** `handle`, unless OpenSSL had no memory for it. */
export function allocated<T>(handle: T | null, what: string): T {
  if (handle === null) {
    throw new TlsError("out-of-memory", `Cannot allocate ${what}`);
  }
  return handle;
}
