import { concat } from "../../internal/bytes.ts";

/** Chunks of bytes that are taken all at once. */
export class ByteQueue {
  #chunks: Uint8Array<ArrayBuffer>[] = [];

  /** Adds a chunk, which then belongs to the queue. */
  push(chunk: Uint8Array<ArrayBuffer>): void {
    this.#chunks.push(chunk);
  }

  /** A copy of all bytes, in order. */
  peekAll(): Uint8Array<ArrayBuffer> {
    return concat(this.#chunks);
  }

  /** Takes all bytes out, in order. */
  takeAll(): Uint8Array<ArrayBuffer> {
    const chunks = this.#chunks;
    this.#chunks = [];
    const [first] = chunks;
    return first && chunks.length === 1 ? first : concat(chunks);
  }
}
