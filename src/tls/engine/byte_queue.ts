import { concat } from "../../internal/bytes.ts";

/** Chunks of bytes that are taken all at once. */
export class ByteQueue {
  /** `null` stands for none: most are empty most of the time. */
  #chunks: Uint8Array<ArrayBuffer>[] | null = null;

  /** Whether there is nothing to take. */
  get isEmpty(): boolean {
    return this.#chunks === null;
  }

  /** Adds a chunk, which then belongs to the queue. */
  push(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#chunks === null) this.#chunks = [chunk];
    else this.#chunks.push(chunk);
  }

  /** A copy of all bytes, in order. */
  peekAll(): Uint8Array<ArrayBuffer> {
    return concat(this.#chunks ?? []);
  }

  /** Takes all bytes out, in order. */
  takeAll(): Uint8Array<ArrayBuffer> {
    const chunks = this.#chunks;
    this.#chunks = null;
    if (chunks === null) return new Uint8Array();
    const first = chunks[0];
    return first && chunks.length === 1 ? first : concat(chunks);
  }
}
