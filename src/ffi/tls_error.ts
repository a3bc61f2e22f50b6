import { ownOptions } from "../internal/own_options.ts";

/** What went wrong, for programs. */
export type TlsErrorCode =
  | "certificate"
  | "closed"
  | "configuration"
  | "handshake"
  | "instance-dead"
  | "no-entropy"
  | "out-of-memory"
  | "protocol"
  | "reentrant-call"
  | "session"
  | "timeout"
  | "transport"
  | "truncated";

/** What a {@linkcode TlsError} carries besides its message. */
export interface TlsErrorOptions extends ErrorOptions {
  /** OpenSSL's own words, from its error queue. */
  reason?: string | undefined;
  /** The TLS alert that was sent or received (RFC 8446, section 6). */
  alert?: string | undefined;
}

/**
 * Every failure that isn't a misuse of the API: those are `TypeError` and
 * `RangeError`.
 *
 * @example Telling failures apart
 * ```ts
 * import { TlsError } from "@sesame/tls";
 *
 * const error = new TlsError("handshake", "Cannot complete the handshake", {
 *   reason: "no shared cipher",
 * });
 * if (error.code === "handshake") console.log(error.reason);
 * ```
 */
export class TlsError extends Error {
  /** `"TlsError"`. */
  override readonly name = "TlsError";
  /** What went wrong, for programs. */
  readonly code: TlsErrorCode;
  /** OpenSSL's own words, where it had any. */
  readonly reason: string | undefined;
  /** The TLS alert that was sent or received, where there was one. */
  readonly alert: string | undefined;

  /** An error with a code, a message, and what OpenSSL said of it. */
  constructor(
    code: TlsErrorCode,
    message: string,
    options: TlsErrorOptions = {},
  ) {
    const own = ownOptions(
      options,
      { alert: true, cause: true, reason: true },
      { of: "TlsError" },
    );
    super(message, own);
    this.code = code;
    this.reason = own.reason;
    this.alert = own.alert;
  }
}

/** Gives something back to an instance: one that has crashed takes nothing, and needs nothing. */
export function giveBack(free: () => void): void {
  try {
    free();
  } catch (error) {
    if (!(error instanceof TlsError && error.code === "instance-dead")) {
      throw error;
    }
  }
}
