import { STAGING_BYTES } from "../../libssl/machine_connection.ts";

/**
 * A queue of bytes for OpenSSL. Bytes are passed on without a copy where possible: only what is
 * left is copied.
 */
export class Input {
  readonly #chunks: Uint8Array[] = [];
  /** How much of the first chunk is gone. */
  #at = 0;

  /** Whether there is nothing left. */
  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Whether {@linkcode Input.peek} gives all that is left. */
  get isLast(): boolean {
    const { length } = this.#chunks;
    return length === 0 ||
      (length === 1 &&
        (this.#chunks[0]?.length ?? 0) - this.#at <= STAGING_BYTES);
  }

  /** Adds bytes, which are the caller's: it has to call {@linkcode Input.own}. */
  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#chunks.push(bytes);
  }

  /** The next bytes, as many as a run takes. */
  peek(): Uint8Array | undefined {
    const first = this.#chunks[0];
    return this.#at === 0 && (first?.length ?? 0) <= STAGING_BYTES
      ? first
      : first?.subarray(this.#at, this.#at + STAGING_BYTES);
  }

  /** Drops bytes that were taken. */
  drop(count: number): void {
    this.#at += count;
    if (this.#at < (this.#chunks[0]?.length ?? 0)) return;
    this.#chunks.shift();
    this.#at = 0;
  }

  /** Drops all. */
  clear(): void {
    this.#chunks.length = 0;
    this.#at = 0;
  }

  /** Copies what is left of the bytes that were added last. */
  own(): void {
    const last = this.#chunks.pop();
    if (last === undefined) return;
    const isOnly = this.#chunks.length === 0;
    this.#chunks.push(last.slice(isOnly ? this.#at : 0));
    if (isOnly) this.#at = 0;
  }
}
