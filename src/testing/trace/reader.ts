/** Reads untrusted bytes. A read beyond the end returns zero or no bytes, and marks them as malformed. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #fault: { isThere: boolean };
  #at = 0;

  /** Creates a reader of `bytes`. The readers of its parts share `fault`. */
  constructor(bytes: Uint8Array, fault = { isThere: false }) {
    this.#bytes = bytes;
    this.#fault = fault;
  }

  /** Whether the bytes, or a part of them, are malformed. */
  get isMalformed(): boolean {
    return this.#fault.isThere;
  }

  /** The number of bytes left. */
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

  /** The remaining bytes. */
  rest(): Uint8Array {
    return this.take(this.left);
  }

  /** A vector whose length is a number of `size` bytes (RFC 8446, section 3.4). */
  vector(size: number): Uint8Array {
    return this.take(this.uint(size));
  }

  /** A reader of the next vector. */
  part(size: number): Reader {
    return new Reader(this.vector(size), this.#fault);
  }

  /** Reads items until the bytes end. */
  list<T>(read: (reader: Reader) => T): T[] {
    const items: T[] = [];
    while (this.left > 0) {
      const { left } = this;
      const item = read(this);
      // An incomplete item is dropped, and an empty one would be read endlessly.
      if (this.isMalformed || this.left === left) break;
      items.push(item);
    }
    return items;
  }

  /** Marks the bytes as malformed if any are left. */
  end(): void {
    if (this.left > 0) this.fail();
  }

  /** Marks the bytes as malformed. */
  fail(): void {
    this.#fault.isThere = true;
  }
}

/** Bytes as ASCII, with all others as `\xNN`, so that a peer can't send terminal escapes. */
export function toText(bytes: Uint8Array): string {
  return Array.from(
    bytes,
    (byte) =>
      byte >= 0x20 && byte < 0x7f && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}
