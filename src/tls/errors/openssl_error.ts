import {
  optionError,
  type OptionNamer,
  type OptionPath,
} from "../../internal/option_error.ts";
import { TlsError, type TlsErrorCode } from "../../internal/tls_error.ts";
import type { Libssl } from "../../libssl/libssl.ts";

const LIBRARY_SHIFT = 23;
const SSL_LIBRARY = 20;
/** The reasons for which bytes are not TLS: `SSL_R_*` of `sslerr.h`, with their library. */
const NOT_TLS: ReadonlySet<number> = new Set([
  155, // SSL_R_HTTPS_PROXY_REQUEST
  156, // SSL_R_HTTP_REQUEST
  198, // SSL_R_PACKET_LENGTH_TOO_LONG
  267, // SSL_R_WRONG_VERSION_NUMBER
].map((reason) => SSL_LIBRARY << LIBRARY_SHIFT | reason));

/** The fields of a {@linkcode TlsError} that OpenSSL's error queue doesn't have. */
export interface FailureFields {
  /** The fatal alert that was sent or received. */
  readonly alert?: string | undefined;
  /** The exception that caused the failure. */
  readonly cause?: unknown;
  /** The verification error of the peer's certificate. */
  readonly verifyError?: string | undefined;
  /** The path of the option that was refused. */
  readonly optionPath?: OptionPath | undefined;
}

/** Returns the message of an error, with the names of the options that it mentions. */
export type Sentence = (nameOf: OptionNamer) => string;

/**
 * A {@linkcode TlsError} whose `reason` is the entries of OpenSSL's error queue, each once.
 * The queue is empty afterwards.
 */
export function opensslError(
  libssl: Libssl,
  code: TlsErrorCode,
  message: string,
  fields: FailureFields = {},
): TlsError {
  const { reason, isTls } = takeReason(libssl);
  return new TlsError(
    code,
    withDetail(message, reason ?? fields.alert) +
      (isTls ? "" : "; the peer seems not to speak TLS"),
    { ...fields, reason },
  );
}

/**
 * The {@linkcode opensslError} of an option that OpenSSL refuses, with the option's path.
 *
 * @param sentence Returns the message without OpenSSL's reason.
 */
export function optionFailure(
  libssl: Libssl,
  code: "certificate" | "configuration",
  path: OptionPath,
  sentence: Sentence,
): TlsError {
  const { reason } = takeReason(libssl);
  return optionError(
    path,
    (nameOf) => withDetail(sentence(nameOf), reason),
    (message, optionPath) =>
      new TlsError(code, message, { reason, optionPath }),
  );
}

/** `handle`, unless it is `null`: OpenSSL had no memory for it. */
export function allocated<T>(handle: T | null, what: string): T {
  if (handle === null) {
    throw new TlsError("out-of-memory", `Cannot allocate ${what}`);
  }
  return handle;
}

/** Empties the error queue. */
function takeReason(
  libssl: Libssl,
): { reason: string | undefined; isTls: boolean } {
  const reasons = new Set<string>();
  let isTls = true;
  for (;;) {
    const entry = libssl.ERR_get_error_all();
    if (entry === null) break;
    const { code, reason, data } = entry;
    isTls &&= !NOT_TLS.has(code);
    reasons.add([reason ?? "unknown error", data].filter(Boolean).join(": "));
  }
  return { reason: [...reasons].join("; ") || undefined, isTls };
}

function withDetail(message: string, detail: string | undefined): string {
  return detail === undefined ? message : `${message}: ${detail}`;
}
