import { TlsError } from "../../internal/tls_error.ts";

/** The socket was closed at this end. */
export function closedError(isOpen: boolean): TlsError {
  return new TlsError(
    "closed",
    isOpen
      ? "The socket was closed"
      : "The socket was closed before its handshake was done",
  );
}

/** What was written before `close()` could not be sent in time. */
export function flushError(ms: number): TlsError {
  return new TlsError(
    "timeout",
    `Cannot send all that was written: the transport took longer than ${ms} ms`,
  );
}

/** The handshake has taken too long. */
export function timeoutError(ms: number): TlsError {
  return new TlsError(
    "timeout",
    `Cannot complete the handshake: it took longer than ${ms} ms`,
  );
}
