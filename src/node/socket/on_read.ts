import type { Buffer } from "node:buffer";

/** Where data is put in place of the event `data`: see `net.Socket`'s option `onread`. */
export interface OnReadOptions {
  /** The buffer, or what returns one each time. */
  readonly buffer: Uint8Array | (() => Uint8Array);
  /** Called with the number of bytes in the buffer; `false` stops reading. */
  callback(bytesWritten: number, buffer: Uint8Array): boolean;
}

/** Puts data into the buffers of the program. */
export class OnRead {
  readonly #options: OnReadOptions;
  #target: Uint8Array;
  #rest: Buffer | undefined;
  #isWaiting = false;

  private constructor(options: OnReadOptions) {
    this.#options = options;
    this.#target = this.#next();
  }

  /** Makes one for valid options, and returns `undefined` for others. */
  static of(options: unknown): OnRead | undefined {
    const { buffer, callback } = (options ?? {}) as Partial<OnReadOptions>;
    const hasBuffer = buffer instanceof Uint8Array ||
      typeof buffer === "function";
    return hasBuffer && typeof callback === "function"
      ? new OnRead(options as OnReadOptions)
      : undefined;
  }

  /** Whether the program has stopped the reading, which the end waits for as well. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Hands data over, as much as fits at once: whether the program wants more. */
  take(data: Buffer): boolean {
    for (let at = 0; at < data.length;) {
      const target = this.#target;
      const count = Math.min(target.length, data.length - at);
      target.set(data.subarray(at, at + count));
      at += count;
      const isWanted = this.#options.callback(count, target);
      this.#target = this.#next();
      if (isWanted === false) {
        this.#isWaiting = true;
        this.#rest = at < data.length ? data.subarray(at) : undefined;
        return false;
      }
      if (count === 0) return false;
    }
    return true;
  }

  /** Hands over what was left: whether the program wants more. */
  resume(): boolean {
    const rest = this.#rest;
    this.#rest = undefined;
    this.#isWaiting = false;
    return rest === undefined || this.take(rest);
  }

  #next(): Uint8Array {
    const { buffer } = this.#options;
    return typeof buffer === "function" ? buffer() : buffer;
  }
}
