import type { ClientSession } from "../session.ts";

/** The hash of a cipher suite of TLS 1.3, by WebCrypto's name. */
export type PskHash = "SHA-256" | "SHA-384";

/** The number of bytes of a hash, which a binder has, too. */
export const HASH_BYTES: Readonly<Record<PskHash, number>> = {
  "SHA-256": 32,
  "SHA-384": 48,
};

/** The hash that a session's binders are made by. */
export function hashOf({ cipher }: Pick<ClientSession, "cipher">): PskHash {
  return cipher.endsWith("SHA384") ? "SHA-384" : "SHA-256";
}
