import { ownOptions } from "./own_options.ts";

/** What failed: the value of {@linkcode TlsError.code}. */
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

/** The fields of a {@linkcode TlsError} besides its code and message. */
export interface TlsErrorOptions extends ErrorOptions {
  /** The text of OpenSSL's error queue, such as `"no shared cipher"`. */
  reason?: string | undefined;
  /**
   * The name of the fatal alert that was sent or received (RFC 8446, section 6), in
   * OpenSSL's spelling, such as `"handshake failure"`.
   */
  alert?: string | undefined;
  /**
   * The name of the verification error of the peer's certificate, which is the name of
   * OpenSSL's constant without `X509_V_ERR_`, such as `"CERT_HAS_EXPIRED"`.
   */
  verifyError?: string | undefined;
  /**
   * The path of the option that was refused, such as `["certificates", 0, "key"]` for
   * `options.certificates[0].key`.
   */
  optionPath?: readonly (string | number)[] | undefined;
}

/**
 * A failure that isn't a misuse of the API: misuse throws a `TypeError` or a `RangeError`.
 * Programs branch on `code`, `alert`, `reason` and `verifyError`; the message is for people.
 *
 * @example Branch on the fields of an error
 * ```ts
 * import { TlsError } from "@sesame/tls";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new TlsError("handshake", "Cannot complete the handshake", {
 *   alert: "certificate expired",
 *   reason: "certificate verify failed",
 *   verifyError: "CERT_HAS_EXPIRED",
 * });
 * if (error.code === "handshake" && error.verifyError !== undefined) {
 *   assertEquals(error.verifyError, "CERT_HAS_EXPIRED");
 * }
 * ```
 */
export class TlsError extends Error {
  /** `"TlsError"`. */
  override readonly name = "TlsError";
  /** What failed. */
  readonly code: TlsErrorCode;
  /**
   * The text of OpenSSL's error queue, such as `"no shared cipher"`; `undefined` if the
   * queue was empty. Several entries are joined by `"; "`.
   */
  readonly reason: string | undefined;
  /**
   * The name of the fatal alert that was sent or received (RFC 8446, section 6), in
   * OpenSSL's spelling, such as `"handshake failure"`; `undefined` if there was none.
   */
  readonly alert: string | undefined;
  /**
   * The name of the verification error of the peer's certificate: the name of OpenSSL's
   * constant without `X509_V_ERR_`, such as `"CERT_HAS_EXPIRED"`; `undefined` if
   * verification didn't fail.
   */
  readonly verifyError: string | undefined;
  /**
   * The path of the option that was refused, such as `["certificates", 0, "key"]` for
   * `options.certificates[0].key`; `undefined` if the error isn't about an option. The
   * `TypeError` or `RangeError` of an option carries the same property.
   */
  readonly optionPath: readonly (string | number)[] | undefined;

  /**
   * Creates an error.
   *
   * @param code What failed.
   * @param message The text for people.
   * @param options The other fields.
   * @throws {TypeError} If `options` is not an object or has a field of another name.
   */
  constructor(
    code: TlsErrorCode,
    message: string,
    options: TlsErrorOptions = {},
  ) {
    const own = ownOptions(
      options,
      {
        alert: true,
        cause: true,
        optionPath: true,
        reason: true,
        verifyError: true,
      },
      { of: "TlsError" },
    );
    super(message, own);
    this.code = code;
    this.reason = own.reason;
    this.alert = own.alert;
    this.verifyError = own.verifyError;
    this.optionPath = own.optionPath;
  }
}
