import { optionTypeError } from "../internal/option_error.ts";
import { received } from "../internal/received.ts";
import type { EVP_PKEY } from "../libssl/handles.ts";
import type { Libssl } from "../libssl/libssl.ts";

/** The type of a key: the curve of an ECDSA key, or the size of an RSA key in bits. */
export type KeyType = "P-256" | "RSA-2048" | "Ed25519";

const GENERATORS: Readonly<
  Record<KeyType, (libssl: Libssl) => EVP_PKEY | null>
> = {
  "P-256": (libssl) => libssl.EVP_EC_gen("P-256"),
  "RSA-2048": (libssl) => libssl.EVP_RSA_gen(2048),
  "Ed25519": (libssl) => libssl.EVP_PKEY_Q_keygen("ED25519"),
};

/** Generates a key, owned; `null` if OpenSSL fails. */
export function generateKey(libssl: Libssl, type: KeyType): EVP_PKEY | null {
  return GENERATORS[type](libssl);
}

/** The option `keyType`; throws a `TypeError` if there is no such type. */
export function checkedKeyType(type: KeyType): KeyType {
  if (typeof type === "string" && Object.hasOwn(GENERATORS, type)) return type;
  throw optionTypeError(
    "keyType",
    `must be "P-256", "RSA-2048" or "Ed25519", received ${received(type)}`,
  );
}
