/**
 * What `accept` fails with for the sake of the one connection that was next: it was reset
 * before it could be taken, or its network went away (accept(2) of Linux, "Error handling").
 */
const OF_ONE_CONNECTION: ReadonlySet<unknown> = new Set([
  "ECONNABORTED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "EINTR",
  "ENETDOWN",
  "ENETRESET",
  "ENETUNREACH",
  "ENONET",
  "ENOPROTOOPT",
  "ENOTCONN",
  "EPIPE",
  "EPROTO",
  "ETIMEDOUT",
]);

/** The same in Deno's names, for errors without a code. */
const NAMES_OF_ONE_CONNECTION: ReadonlySet<string> = new Set([
  "BrokenPipe",
  "ConnectionAborted",
  "ConnectionReset",
  "Interrupted",
  "NotConnected",
  "TimedOut",
]);

/**
 * Whether a failure to accept concerns one connection, which is gone, and not the host, which
 * has no descriptors or memory left, for instance, and would fail again at once.
 */
export function concernsOneConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && error.code !== undefined) {
    return OF_ONE_CONNECTION.has(error.code);
  }
  return NAMES_OF_ONE_CONNECTION.has(error.name);
}
