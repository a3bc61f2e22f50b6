/** The first is 0; the code begins with the others. */
const FIRST_BYTES = 5;
const TOP = 0x1000000;
const HALF = 1024;
const ONE = 2048;
const RATE = 5;

/** Reads bits, each with a probability that adapts. */
export class RangeCoder {
  readonly #input: Uint8Array;
  readonly #probabilities: Uint16Array;
  /** The range and the code. In an array, since V8 would allocate numbers above 2^31. */
  readonly #state: Uint32Array;
  #at = FIRST_BYTES;

  /** Creates a coder with some probabilities, for at least five bytes. */
  constructor(input: Uint8Array, probabilities: number) {
    this.#input = input;
    this.#probabilities = new Uint16Array(probabilities).fill(HALF);
    const first = new DataView(input.buffer, input.byteOffset).getUint32(1);
    this.#state = new Uint32Array([2 ** 32 - 1, first]);
  }

  /** Whether more was read than there is. */
  get isOver(): boolean {
    return this.#at > this.#input.length;
  }

  /** A bit whose probability has an index. */
  bit(index: number): 0 | 1 {
    const range = this.#state[0] ?? 0;
    const code = this.#state[1] ?? 0;
    const probability = this.#probabilities[index] ?? HALF;
    const bound = (range >>> 11) * probability;
    if (code < bound) {
      this.#probabilities[index] = probability + (ONE - probability >> RATE);
      this.#set(bound, code);
      return 0;
    }
    this.#probabilities[index] = probability - (probability >> RATE);
    this.#set(range - bound, code - bound);
    return 1;
  }

  /**
   * A byte: a tree of eight bits, which also depend on those of another byte as long as they are
   * the same, if `mask` is 0x100. Most bits are read here, without calls.
   */
  byte(base: number, other: number, mask: number): number {
    const input = this.#input;
    const probabilities = this.#probabilities;
    let range = this.#state[0] ?? 0;
    let code = this.#state[1] ?? 0;
    let at = this.#at;
    let node = 1;
    while (node < 0x100) {
      other <<= 1;
      const expected = other & mask;
      const index = base + mask + expected + node;
      const probability = probabilities[index] ?? HALF;
      const bound = (range >>> 11) * probability;
      node <<= 1;
      if (code < bound) {
        range = bound;
        probabilities[index] = probability + (ONE - probability >> RATE);
        mask &= ~expected;
      } else {
        range -= bound;
        code -= bound;
        probabilities[index] = probability - (probability >> RATE);
        node |= 1;
        mask = expected;
      }
      if (range < TOP) {
        range = range << 8 >>> 0;
        code = (code << 8 | (input[at++] ?? 0)) >>> 0;
      }
    }
    this.#at = at;
    this.#state[0] = range;
    this.#state[1] = code;
    return node & 0xff;
  }

  /** Bits that are all as likely, the highest first. */
  plain(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const range = this.#state[0] ?? 0;
      const code = this.#state[1] ?? 0;
      const half = range >>> 1;
      const isSet = code >= half;
      value = value << 1 | (isSet ? 1 : 0);
      this.#set(half, isSet ? code - half : code);
    }
    return value;
  }

  /** A number of some bits, the highest first, each of which depends on those before. */
  tree(base: number, count: number): number {
    let node = 1;
    for (let i = 0; i < count; i++) node = node << 1 | this.bit(base + node);
    return node - (1 << count);
  }

  /** Likewise, the lowest first. */
  reverseTree(base: number, count: number): number {
    let node = 1;
    let value = 0;
    for (let i = 0; i < count; i++) {
      const bit = this.bit(base + node);
      node = node << 1 | bit;
      value |= bit << i;
    }
    return value;
  }

  #set(range: number, code: number): void {
    const isSmall = range < TOP;
    this.#state[0] = isSmall ? range << 8 : range;
    this.#state[1] = isSmall
      ? code << 8 | (this.#input[this.#at++] ?? 0)
      : code;
  }
}
