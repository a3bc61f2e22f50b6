import { checkedBytes } from "../../internal/option_checks.ts";
import {
  optionRangeError,
  optionTypeError,
} from "../../internal/option_error.ts";
import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { areEqual, concat } from "../../internal/bytes.ts";

const RANDOM_BYTES = 16;
const TAG_BYTES = 16;
const MIN_KEY_BYTES = 16;

/**
 * Session ids with a MAC: 16 random bytes, and the first 16 bytes of their HMAC-SHA256. Other
 * ids are recognised without asking the store.
 */
export class SessionIds {
  readonly #libssl: Libssl;
  readonly #keys: readonly Uint8Array[];

  /**
   * The first key makes ids; ids of all keys are accepted, so that keys can be replaced. The
   * keys are those of {@linkcode checkedIdKeys}.
   */
  constructor(libssl: Libssl, keys: readonly Uint8Array[]) {
    this.#libssl = libssl;
    this.#keys = keys;
  }

  /** Makes the ids of a connection, in place of its context. */
  serve(ssl: SSL): void {
    this.#libssl.SSL_set_generate_session_id(ssl, () => this.make());
  }

  /** A new id, 32 bytes; `null` without entropy. */
  make(): Uint8Array | null {
    const random = this.#libssl.RAND_bytes(RANDOM_BYTES);
    const [key] = this.#keys;
    return random && key ? concat([random, this.#tag(key, random)]) : null;
  }

  /** Whether an id was made with one of the keys: one of another length was not. */
  isOurs(id: Uint8Array): boolean {
    const random = id.subarray(0, RANDOM_BYTES);
    const tag = id.subarray(RANDOM_BYTES);
    return this.#keys.some((key) => areEqual(this.#tag(key, random), tag));
  }

  #tag(key: Uint8Array, random: Uint8Array): Uint8Array {
    const mac = this.#libssl.HMAC("SHA256", key, random);
    return (mac ?? new Uint8Array()).subarray(0, TAG_BYTES);
  }
}

/**
 * The keys of the option `sessionIdKey`, copied.
 *
 * @throws {TypeError} If there is no key, or one isn't a Uint8Array.
 * @throws {RangeError} If a key is shorter than 16 bytes.
 */
export function checkedIdKeys(
  keys: Uint8Array | readonly Uint8Array[],
): Uint8Array[] {
  const copies = [keys].flat().map(checkedKey);
  if (copies.length > 0) return copies;
  throw optionTypeError("sessionIdKey", "must have at least one key");
}

function checkedKey(key: Uint8Array): Uint8Array {
  const copy = checkedBytes(key, "sessionIdKey");
  if (copy.length < MIN_KEY_BYTES) {
    throw optionRangeError(
      "sessionIdKey",
      `must be at least ${MIN_KEY_BYTES} bytes, received ${copy.length}`,
    );
  }
  return copy;
}
