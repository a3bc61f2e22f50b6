/** Reads bytes that nobody vouches for: what isn't there is zero or empty, and noted. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #fault: { isThere: boolean };
  #at = 0;

  /** Reads `bytes`; a part shares its whole's `fault`. */
  constructor(bytes: Uint8Array, fault = { isThere: false }) {
    this.#bytes = bytes;
    this.#fault = fault;
  }

  /** Whether the bytes, or the parts read of them, weren't what they should be. */
  get isMalformed(): boolean {
    return this.#fault.isThere;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A number of 1 to 4 bytes. */
  uint(size: number): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** The next bytes, or none if there are fewer. */
  take(length: number): Uint8Array {
    if (length > this.left) {
      this.fail();
      this.#at = this.#bytes.length;
      return new Uint8Array();
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.take(this.left);
  }

  /** Bytes behind their length, which is a number of `size` bytes. */
  vector(size: number): Uint8Array {
    return this.take(this.uint(size));
  }

  /** {@linkcode Reader.vector}, to be read. */
  part(size: number): Reader {
    return new Reader(this.vector(size), this.#fault);
  }

  /** Reads items until the bytes end. */
  list<T>(read: (reader: Reader) => T): T[] {
    const items: T[] = [];
    while (this.left > 0) {
      const { left } = this;
      const item = read(this);
      // Half an item is none, and one of no bytes would be read for ever.
      if (this.isMalformed || this.left === left) break;
      items.push(item);
    }
    return items;
  }

  /** Notes that the bytes should have ended here, if they haven't. */
  end(): void {
    if (this.left > 0) this.fail();
  }

  /** Notes that the bytes aren't what they should be. */
  fail(): void {
    this.#fault.isThere = true;
  }
}

/** Bytes as ASCII, others as `\xNN`: a peer's text must not steer a terminal. */
export function toText(bytes: Uint8Array): string {
  return Array.from(
    bytes,
    (byte) =>
      byte >= 0x20 && byte < 0x7f && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}
