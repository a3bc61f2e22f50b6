import type { Libssl } from "../../../libssl/libssl.ts";
import type { ClientSession } from "../session.ts";

/** The hash of a cipher suite of TLS 1.3, by WebCrypto's name. */
export type PskHash = "SHA-256" | "SHA-384";

/** The key of a session of TLS 1.3, and its hash: RFC 8446, 4.6.1. */
export interface Psk {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly hash: PskHash;
}

/** The number of bytes of a hash, which a binder has, too. */
export const HASH_BYTES: Readonly<Record<PskHash, number>> = {
  "SHA-256": 32,
  "SHA-384": 48,
};

/** The hash that a session's binders are made by. */
export function hashOf({ cipher }: Pick<ClientSession, "cipher">): PskHash {
  return cipher.endsWith("SHA384") ? "SHA-384" : "SHA-256";
}

/**
 * Reads the key of a session. Who called wipes it.
 *
 * @throws {TypeError} If the session's encoding is malformed.
 */
export function pskOf(libssl: Libssl, session: ClientSession): Psk {
  const parsed = libssl.d2i_SSL_SESSION(session.der);
  if (parsed === null) throw new TypeError("The session is malformed");
  try {
    return {
      key: libssl.SSL_SESSION_get_master_key(parsed),
      hash: hashOf(session),
    };
  } finally {
    libssl.SSL_SESSION_free(parsed);
  }
}
