import type { Exports } from "./exports.ts";
import type { Address } from "./pointers.ts";
import { TlsError } from "../internal/tls_error.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The module's linear memory. Whoever allocates here frees here: every block lives
 * for one call of a function, and is wiped before it is given back, since most of
 * what crosses the border is or may be secret.
 */
export class Memory {
  readonly #c: Exports;
  readonly #isDead: () => boolean;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
  #data = new DataView(this.#bytes.buffer);

  /** The memory of the instance with these exports; a dead one frees nothing. */
  constructor(c: Exports, isDead: () => boolean) {
    this.#c = c;
    this.#isDead = isDead;
  }

  /** Runs `use` with a block of `size` bytes. */
  withBlock<T>(size: number, use: (block: Address) => T): T {
    const block = this.#c.malloc(size);
    if (block === 0) {
      throw new TlsError(
        "out-of-memory",
        `Cannot allocate ${size} bytes: the instance's memory is used up`,
      );
    }
    try {
      return use(block);
    } finally {
      this.view(block, size).fill(0);
      if (!this.#isDead()) this.#c.free(block);
    }
  }

  /** Runs `use` with `count` 32-bit words of zero. */
  withWords<T>(count: number, use: (words: Address) => T): T {
    return this.withBlock(4 * count, (words) => {
      this.view(words, 4 * count).fill(0);
      return use(words);
    });
  }

  /** Runs `use` with a copy of `data`. */
  withBytes<T>(
    data: Uint8Array,
    use: (address: Address, length: number) => T,
  ): T {
    return this.withBlock(Math.max(data.length, 1), (block) => {
      this.write(block, data);
      return use(block, data.length);
    });
  }

  /** Runs `use` with a NUL-terminated copy of `text`, or `NULL` for `null`. */
  withString<T>(text: string | null, use: (address: Address) => T): T {
    if (text === null) return use(0 as Address);
    if (typeof text !== "string") {
      throw new TypeError(`Expected a string, received ${typeof text}`);
    }
    if (text.includes("\0")) {
      throw new TypeError("Expected a string without NUL characters");
    }
    return this.withBytes(encoder.encode(text + "\0"), use);
  }

  /** The bytes at `address`, as a view that the next call may invalidate. */
  view(address: Address, length: number): Uint8Array {
    this.#refresh();
    return this.#bytes.subarray(address, address + length);
  }

  /** A copy of the bytes at `address`. */
  read(address: Address, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.view(address, length));
  }

  /** The NUL-terminated string at `address`; `null` for `NULL`. */
  readString(address: Address): string | null {
    if (address === 0) return null;
    this.#refresh();
    return decoder.decode(
      this.#bytes.subarray(address, this.#bytes.indexOf(0, address)),
    );
  }

  /** Copies `data` to `address`. */
  write(address: Address, data: Uint8Array): void {
    this.#refresh();
    this.#bytes.set(data, address);
  }

  /** The 32-bit word at `address`: an `int`, a `size_t` or a pointer. */
  readWord(address: Address): number {
    this.#refresh();
    return this.#data.getUint32(address, true);
  }

  /** Sets the 32-bit word at `address`. */
  writeWord(address: Address, value: number): void {
    this.#refresh();
    this.#data.setUint32(address, value, true);
  }

  /** The signed 32-bit word at `address`. */
  readInt(address: Address): number {
    return this.readWord(address) | 0;
  }

  /** Sets the byte at `address`. */
  writeByte(address: Address, value: number): void {
    this.#refresh();
    this.#bytes[address] = value;
  }

  /** Growing detaches the old buffer. */
  #refresh(): void {
    const buffer = this.#c.memory.buffer as ArrayBuffer;
    if (this.#bytes.buffer !== buffer) {
      this.#bytes = new Uint8Array(buffer);
      this.#data = new DataView(buffer);
    }
  }
}

/** The address of an object's field or a word in a block. */
export function offset(address: Address, bytes: number): Address {
  return address + bytes as Address;
}
