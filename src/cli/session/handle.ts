import { type Libssl, OpenSSL, type SSL_SESSION } from "../../libssl/mod.ts";

/**
 * Calls `use` with a handle of the session, and frees it.
 *
 * @throws {TypeError} If the bytes are no session in DER.
 */
export function withSession<T>(
  der: Uint8Array,
  use: (libssl: Libssl, session: SSL_SESSION) => T,
): T {
  const { libssl } = OpenSSL.default;
  const session = libssl.d2i_SSL_SESSION(der);
  if (session === null) throw new TypeError("Cannot read the session");
  try {
    return use(libssl, session);
  } finally {
    libssl.SSL_SESSION_free(session);
  }
}
