import { toHex } from "../../internal/bytes.ts";
/** The length of a key in bytes. */
export const KEY_BYTES = 32;

/** The length of a key id in bytes. */
export const KEY_ID_BYTES = 8;

/** The keys that are derived from a secret key. They can't be exported. */
export interface RecordKey {
  /** The id of the key, which doesn't reveal it, in hex. */
  readonly id: string;
  readonly idBytes: Uint8Array<ArrayBuffer>;
  /** The key from which those of records are derived. */
  readonly material: CryptoKey;
  /** The key of the HMAC of tags. */
  readonly tagKey: CryptoKey;
}

/** All keys of a store. */
export interface KeyRing {
  /** The key that encrypts. */
  readonly first: RecordKey;
  readonly byId: ReadonlyMap<string, RecordKey>;
}

/** Keys that are imported when they are first used. */
export class LazyKeyRing {
  readonly #raw: readonly Uint8Array<ArrayBuffer>[];
  #ring: Promise<KeyRing> | undefined;

  /** Checks and copies the keys. */
  constructor(keys: readonly Uint8Array[]) {
    if (!Array.isArray(keys)) {
      throw new TypeError(
        `keys must be an array, received ${typeof keys}`,
      );
    }
    if (keys.length === 0) {
      throw new RangeError(
        "keys must have at least one key, received an empty array",
      );
    }
    this.#raw = keys.map(copyOf);
  }

  /** The imported keys. */
  get(): Promise<KeyRing> {
    // Some runtimes forbid asynchronous work while a program is loaded.
    return this.#ring ??= ringOf(this.#raw);
  }
}

function copyOf(key: unknown, index: number): Uint8Array<ArrayBuffer> {
  if (!(key instanceof Uint8Array)) {
    throw new TypeError(
      `keys[${index}] must be a Uint8Array, received ${typeof key}`,
    );
  }
  if (key.length !== KEY_BYTES) {
    throw new RangeError(
      `keys[${index}] must be ${KEY_BYTES} bytes, received ${key.length}`,
    );
  }
  return new Uint8Array(key);
}

async function ringOf(
  raw: readonly Uint8Array<ArrayBuffer>[],
): Promise<KeyRing> {
  const keys = await Promise.all(raw.map(importKey));
  const [first] = keys;
  // The constructor has rejected an empty list.
  if (first === undefined) throw new RangeError("No key");
  return { first, byId: new Map(keys.map((key) => [key.id, key])) };
}

async function importKey(raw: Uint8Array<ArrayBuffer>): Promise<RecordKey> {
  const { subtle } = crypto;
  const importing = subtle.importKey("raw", raw, "HKDF", false, [
    "deriveBits",
    "deriveKey",
  ]);
  // importKey has copied the bytes when it returns.
  raw.fill(0);
  const material = await importing;
  const [bits, tagKey] = await Promise.all([
    subtle.deriveBits(derivation("key id"), material, KEY_ID_BYTES * 8),
    subtle.deriveKey(
      derivation("tag"),
      material,
      { name: "HMAC", hash: "SHA-256", length: 256 },
      false,
      ["sign"],
    ),
  ]);
  const idBytes = new Uint8Array(bits);
  return { id: toHex(idBytes), idBytes, material, tagKey };
}

/** The parameters of HKDF for a purpose and a salt. */
export function derivation(
  purpose: "key id" | "tag" | "record",
  salt: Uint8Array<ArrayBuffer> = new Uint8Array(),
): HkdfParams {
  const info = new TextEncoder().encode(`sesame session ${purpose}`);
  return { name: "HKDF", hash: "SHA-256", salt, info };
}
