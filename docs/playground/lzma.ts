/**
 * Decodes what `xz --format=lzma` writes: a range coder, whose bits are weighed by what came
 * before, over literals and copies of earlier bytes. After the LZMA specification (Igor
 * Pavlov, public domain), with the length in the header.
 *
 * @module
 */
import { RangeCoder } from "./range_coder.ts";

/** Where each kind of probability begins, in one array. */
const IS_MATCH = 0;
const IS_REPEAT = 192;
const IS_OLDER = 204;
const IS_OLDER_1 = 216;
const IS_OLDER_2 = 228;
const IS_LONG = 240;
const SLOTS = 432;
const DISTANCES = 688;
const ALIGNMENT = 802;
const MATCH_LENGTH = 818;
const REPEAT_LENGTH = 1332;
const LITERALS = 1846;
const LITERAL_SIZE = 0x300;

const HEADER_BYTES = 13;
/** After this state the last symbol was a copy. */
const COPIED = 7;

/**
 * Decodes a file.
 *
 * @throws {RangeError} If it is damaged.
 */
export function decodeLzma(input: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Decoder(input).decode();
}

class Decoder {
  readonly #coder: RangeCoder;
  readonly #out: Uint8Array<ArrayBuffer>;
  readonly #literalBits: number;
  readonly #literalMask: number;
  readonly #positionMask: number;
  /** The last four distances, the newest first. */
  readonly #distances = [0, 0, 0, 0];
  #state = 0;
  #at = 0;

  constructor(input: Uint8Array) {
    if (input.length < HEADER_BYTES + 5) throw damaged();
    const view = new DataView(input.buffer, input.byteOffset, input.length);
    const properties = view.getUint8(0);
    const rest = Math.floor(properties / 9);
    this.#literalBits = properties % 9;
    this.#literalMask = (1 << rest % 5) - 1;
    this.#positionMask = (1 << Math.floor(rest / 5)) - 1;
    this.#out = new Uint8Array(view.getUint32(5, true));
    const contexts = 1 << this.#literalBits + rest % 5;
    this.#coder = new RangeCoder(
      input.subarray(HEADER_BYTES),
      LITERALS + LITERAL_SIZE * contexts,
    );
  }

  decode(): Uint8Array<ArrayBuffer> {
    const out = this.#out;
    const coder = this.#coder;
    while (this.#at < out.length) {
      const state = this.#state;
      const position = this.#at & this.#positionMask;
      if (!coder.bit(IS_MATCH + state * 16 + position)) {
        const byte = this.#literal();
        out[this.#at++] = byte;
        this.#state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      } else if (!coder.bit(IS_REPEAT + state)) this.#match(position);
      else this.#repeat(position);
      if (coder.isOver) throw damaged();
    }
    return out;
  }

  #literal(): number {
    const before = this.#out[this.#at - 1] ?? 0;
    const base = LITERALS + LITERAL_SIZE *
        (((this.#at & this.#literalMask) << this.#literalBits) +
          (before >> 8 - this.#literalBits));
    if (this.#state < COPIED) return this.#coder.byte(base, 0, 0);
    // The byte that would have been copied differs: it says which is unlikely.
    const other = this.#out[this.#at - (this.#distances[0] ?? 0) - 1] ?? 0;
    return this.#coder.byte(base, other, 0x100);
  }

  #match(position: number): void {
    const length = this.#length(MATCH_LENGTH, position);
    this.#distances.pop();
    this.#distances.unshift(this.#distance(length));
    this.#state = this.#state < COPIED ? 7 : 10;
    this.#copy(length);
  }

  #repeat(position: number): void {
    const coder = this.#coder;
    const state = this.#state;
    if (coder.bit(IS_OLDER + state)) {
      const index = !coder.bit(IS_OLDER_1 + state)
        ? 1
        : 2 + coder.bit(IS_OLDER_2 + state);
      this.#distances.unshift(...this.#distances.splice(index, 1));
    } else if (!coder.bit(IS_LONG + state * 16 + position)) {
      this.#state = state < COPIED ? 9 : 11;
      return this.#copy(1);
    }
    this.#state = state < COPIED ? 8 : 11;
    this.#copy(this.#length(REPEAT_LENGTH, position));
  }

  #length(base: number, position: number): number {
    const coder = this.#coder;
    if (!coder.bit(base)) return 2 + coder.tree(base + 2 + position * 8, 3);
    return coder.bit(base + 1)
      ? 18 + coder.tree(base + 258, 8)
      : 10 + coder.tree(base + 130 + position * 8, 3);
  }

  #distance(length: number): number {
    const coder = this.#coder;
    const slot = coder.tree(SLOTS + Math.min(length - 2, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const high = (2 | slot & 1) << bits;
    if (slot < 14) {
      return high + coder.reverseTree(DISTANCES + high - slot - 1, bits);
    }
    const middle = coder.plain(bits - 4) << 4;
    return high + middle + coder.reverseTree(ALIGNMENT, 4);
  }

  #copy(length: number): void {
    const out = this.#out;
    const from = this.#at - (this.#distances[0] ?? 0) - 1;
    if (from < 0) throw damaged();
    const end = Math.min(this.#at + length, out.length);
    for (let i = from; this.#at < end; i++) out[this.#at++] = out[i] ?? 0;
  }
}

function damaged(): RangeError {
  return new RangeError("The compressed module is damaged");
}
