import type { Ffi } from "../ffi/ffi.ts";

/** For how many milliseconds a measurement holds: it walks through all of OpenSSL's memory. */
const MEASURED_FOR = 100;

/** The limit on the memory of an instance from which no more connections are begun. */
export class MemoryLimit {
  readonly #ffi: Ffi;
  readonly #bytes: number;
  #isReached = false;
  #measuredAt = -Infinity;

  /** A limit of `bytes` in use. */
  constructor(ffi: Ffi, bytes: number) {
    this.#ffi = ffi;
    this.#bytes = bytes;
  }

  /** Whether the instance has memory for one more connection. */
  get hasRoom(): boolean {
    const { c } = this.#ffi;
    // The bytes in use are never more than the memory has.
    if (c.memory.buffer.byteLength < this.#bytes) return true;
    const now = performance.now();
    if (now - this.#measuredAt > MEASURED_FOR) {
      this.#isReached = c.sesame_memory_used() >= this.#bytes;
      this.#measuredAt = now;
    }
    return !this.#isReached;
  }
}
