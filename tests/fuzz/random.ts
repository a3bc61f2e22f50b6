import { seededEntropy } from "../../src/testing/entropy.ts";

/** Random choices, the same for the same seed. */
export class FuzzRandom {
  readonly #draw: (out: Uint8Array<ArrayBuffer>) => void;

  /** A stream of choices. */
  constructor(seed: string) {
    this.#draw = seededEntropy(seed);
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    const [word = 0] = new Uint32Array(this.bytes(4).buffer);
    return word % limit;
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** One of the choices. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** Random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(length);
    this.#draw(out);
    return out;
  }
}
