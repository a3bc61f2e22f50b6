import { latin1 } from "../internal/bytes.ts";
import { TlsError } from "../internal/tls_error.ts";
import type { Exports } from "./exports.ts";
import type { Address } from "./pointers.ts";

/** The size of the argument stack: a record of the largest size fits in twice. */
const STACK_BYTES = 40 * 1024;
/** The alignment of a block: that of the largest C type. */
const ALIGNMENT = 16;
const WORD_BYTES = 4;
/** The most bytes of UTF-8 that one unit of UTF-16 takes. */
const UTF8_BYTES = 3;

/** How many bytes are looked at one by one. */
const SHORT = 64;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The module's linear memory, and the arguments that are passed through it. A block lives
 * for one call of a function. It lies on a stack of this class's own, or in a block of
 * `malloc` if it is too large for that, and is wiped afterwards, since most of what crosses
 * the border is or may be secret; words, which are addresses and lengths, are not.
 */
export class Memory {
  readonly #c: Exports;
  readonly #isDead: () => boolean;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
  #data = new DataView(this.#bytes.buffer);
  #top = 0;
  #end = 0;

  /** The memory of the instance with these exports; a dead one frees nothing. */
  constructor(c: Exports, isDead: () => boolean) {
    this.#c = c;
    this.#isDead = isDead;
  }

  /** Allocates the argument stack: once, when the instance has been initialized. */
  start(): void {
    // malloc aligns to 8 bytes.
    const block = this.#malloc(STACK_BYTES + ALIGNMENT);
    this.#top = block + ALIGNMENT - 1 & -ALIGNMENT;
    this.#end = this.#top + STACK_BYTES;
  }

  /** Runs `use` with a block of `size` bytes, and wipes them. */
  withBlock<T>(size: number, use: (block: Address) => T): T {
    const block = this.#top as Address;
    const top = block + size + ALIGNMENT - 1 & -ALIGNMENT;
    if (size > STACK_BYTES || top > this.#end) {
      return this.#withLargeBlock(size, use);
    }
    this.#top = top;
    try {
      return use(block);
    } finally {
      this.#top = block;
      this.#wipe(block, size);
    }
  }

  /** Runs `use` with `count` 32-bit words of zero: addresses and lengths, never a secret. */
  withWords<T>(count: number, use: (words: Address) => T): T {
    const size = WORD_BYTES * count;
    const block = this.#top as Address;
    const end = block + size;
    if (end > this.#end) {
      return this.#withLargeBlock(size, (words) => {
        this.#wipe(words, size);
        return use(words);
      });
    }
    this.#top = end + ALIGNMENT - 1 & -ALIGNMENT;
    this.#refresh();
    for (let word: number = block; word < end; word += WORD_BYTES) {
      this.#data.setUint32(word, 0, true);
    }
    try {
      return use(block);
    } finally {
      this.#top = block;
    }
  }

  /** Runs `use` with a copy of `data`. */
  withBytes<T>(
    data: Uint8Array,
    use: (address: Address, length: number) => T,
  ): T {
    return this.withBlock(data.length, (block) => {
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
    const size = UTF8_BYTES * text.length + 1;
    return this.withBlock(size, (block) => {
      const { written } = encoder.encodeInto(text, this.view(block, size));
      this.#bytes[block + written] = 0;
      return use(block);
    });
  }

  /** The bytes at `address`, as a view that the next call may invalidate. */
  view(address: Address, length: number): Uint8Array {
    this.#refresh();
    return this.#bytes.subarray(address, address + length);
  }

  /** A copy of the bytes at `address`. */
  read(address: Address, length: number): Uint8Array<ArrayBuffer> {
    this.#refresh();
    return this.#bytes.slice(address, address + length);
  }

  /** The bytes at `address`, each as a character. */
  readLatin1(address: Address, length: number): string {
    return latin1(this.view(address, length));
  }

  /** The NUL-terminated string at `address`; `null` for `NULL`. */
  readString(address: Address): string | null {
    if (address === 0) return null;
    this.#refresh();
    const text = this.#bytes.subarray(
      address,
      this.#bytes.indexOf(0, address),
    );
    // Names, nearly always: a decoder costs more than all else of a call.
    return text.length <= SHORT && isAscii(text)
      ? latin1(text)
      : decoder.decode(text);
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

  /** The 16-bit number at `address`. */
  readHalf(address: Address): number {
    this.#refresh();
    return this.#data.getUint16(address, true);
  }

  /** Sets the 16-bit number at `address`. */
  writeHalf(address: Address, value: number): void {
    this.#refresh();
    this.#data.setUint16(address, value, true);
  }

  /** Sets the byte at `address`. */
  writeByte(address: Address, value: number): void {
    this.#refresh();
    this.#bytes[address] = value;
  }

  /** Sets the `double` at `address`. */
  writeDouble(address: Address, value: number): void {
    this.#refresh();
    this.#data.setFloat64(address, value, true);
  }

  #withLargeBlock<T>(size: number, use: (block: Address) => T): T {
    const block = this.#malloc(size);
    try {
      return use(block);
    } finally {
      this.#wipe(block, size);
      if (!this.#isDead()) this.#c.free(block);
    }
  }

  #malloc(size: number): Address {
    const block = this.#c.malloc(size);
    if (block !== 0) return block;
    throw new TlsError(
      "out-of-memory",
      `Cannot allocate ${size} bytes: the instance's memory is used up`,
    );
  }

  #wipe(block: Address, size: number): void {
    this.#refresh();
    this.#bytes.fill(0, block, block + size);
  }

  /** Growing detaches the old buffer, whose views are empty then. */
  #refresh(): void {
    if (this.#bytes.length > 0) return;
    const buffer = this.#c.memory.buffer as ArrayBuffer;
    this.#bytes = new Uint8Array(buffer);
    this.#data = new DataView(buffer);
  }
}

function isAscii(text: Uint8Array): boolean {
  let all = 0;
  for (let at = 0; at < text.length; at++) all |= text[at] ?? 0;
  return all < 0x80;
}
