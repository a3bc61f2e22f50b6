import type { SSL_SESSION } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";

/**
 * Reads a session in DER, for as long as `use` takes.
 *
 * @throws {TypeError} If it is none.
 */
export function withHandle<T>(
  libssl: Libssl,
  der: Uint8Array,
  use: (session: SSL_SESSION) => T,
): T {
  const session = libssl.d2i_SSL_SESSION(der);
  if (session === null) throw new TypeError("Cannot read the session");
  try {
    return use(session);
  } finally {
    libssl.SSL_SESSION_free(session);
  }
}
