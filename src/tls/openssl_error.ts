import { TlsError, type TlsErrorCode } from "../ffi/tls_error.ts";
import type { Libssl } from "../libssl/libssl.ts";

/** A {@linkcode TlsError} with all that OpenSSL's error queue says, once each, which is then empty. */
export function opensslError(
  libssl: Libssl,
  code: TlsErrorCode,
  message: string,
  { alert, cause }: { alert?: string | undefined; cause?: unknown } = {},
): TlsError {
  const reasons = new Set<string>();
  for (
    let entry = libssl.ERR_get_error_all();
    entry !== null;
    entry = libssl.ERR_get_error_all()
  ) {
    const { reason, data } = entry;
    reasons.add([reason ?? "unknown error", data].filter(Boolean).join(": "));
  }
  const reason = reasons.size > 0 ? [...reasons].join("; ") : undefined;
  const detail = reason ?? alert;
  return new TlsError(
    code,
    detail === undefined ? message : `${message}: ${detail}`,
    { reason, alert, cause },
  );
}

/** `handle`, unless OpenSSL had no memory for it. */
export function allocated<T>(handle: T | null, what: string): T {
  if (handle === null) {
    throw new TlsError("out-of-memory", `Cannot allocate ${what}`);
  }
  return handle;
}
