import { toHex } from "../../internal/bytes.ts";
/** How many bytes a key has. */
export const KEY_BYTES = 32;

/** How many bytes name a key in a record. */
export const KEY_ID_BYTES = 8;

/** A key in the forms in which it is used; none of them can be read out. */
export interface RecordKey {
  /** Names the key; says nothing of it. */
  readonly id: string;
  readonly idBytes: Uint8Array<ArrayBuffer>;
  /** What the keys of records are derived from. */
  readonly material: CryptoKey;
  /** What hides tags. */
  readonly tagKey: CryptoKey;
}

/** All keys that are in use at a time. */
export interface KeyRing {
  /** The one that encrypts. */
  readonly first: RecordKey;
  readonly byId: ReadonlyMap<string, RecordKey>;
}

/** Keys that are imported when they are first needed. */
export class LazyKeyRing {
  readonly #raw: readonly Uint8Array<ArrayBuffer>[];
  #ring: Promise<KeyRing> | undefined;

  /** Copies the keys, and checks them. */
  constructor(keys: readonly Uint8Array[]) {
    if (!Array.isArray(keys)) {
      throw new TypeError(
        `Cannot use the keys: they must be an array, received ${typeof keys}`,
      );
    }
    if (keys.length === 0) {
      throw new RangeError("Cannot use the keys: there must be at least one");
    }
    this.#raw = keys.map(copyOf);
  }

  /** The keys, ready to use. */
  get(): Promise<KeyRing> {
    // Not sooner: some runtimes forbid asynchronous work while a program loads.
    return this.#ring ??= ringOf(this.#raw);
  }
}

function copyOf(key: unknown, index: number): Uint8Array<ArrayBuffer> {
  if (!(key instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot use the keys: each must be a Uint8Array, received ${typeof key} at ${index}`,
    );
  }
  if (key.length !== KEY_BYTES) {
    throw new RangeError(
      `Cannot use the keys: each must be ${KEY_BYTES} bytes, received ${key.length} at ${index}`,
    );
  }
  return new Uint8Array(key);
}

async function ringOf(
  raw: readonly Uint8Array<ArrayBuffer>[],
): Promise<KeyRing> {
  const keys = await Promise.all(raw.map(importKey));
  const [first] = keys;
  // The constructor has refused an empty list.
  if (first === undefined) throw new RangeError("No key");
  return { first, byId: new Map(keys.map((key) => [key.id, key])) };
}

async function importKey(raw: Uint8Array<ArrayBuffer>): Promise<RecordKey> {
  const { subtle } = crypto;
  const importing = subtle.importKey("raw", raw, "HKDF", false, [
    "deriveBits",
    "deriveKey",
  ]);
  // importKey has copied it by the time it returns.
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

/** How to derive something from a key: by what it is for, and a salt. */
export function derivation(
  purpose: "key id" | "tag" | "record",
  salt: Uint8Array<ArrayBuffer> = new Uint8Array(),
): HkdfParams {
  const info = new TextEncoder().encode(`sesame session ${purpose}`);
  return { name: "HKDF", hash: "SHA-256", salt, info };
}
