/** Chunks of bytes that are taken all at once. */
export class ByteQueue {
  #chunks: Uint8Array<ArrayBuffer>[] = [];

  /** Adds a chunk, which then belongs to the queue. */
  push(chunk: Uint8Array<ArrayBuffer>): void {
    this.#chunks.push(chunk);
  }

  /** Takes all bytes out, in order. */
  takeAll(): Uint8Array<ArrayBuffer> {
    const chunks = this.#chunks;
    this.#chunks = [];
    if (chunks.length === 1 && chunks[0]) return chunks[0];
    const all = new Uint8Array(
      chunks.reduce((length, chunk) => length + chunk.length, 0),
    );
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}
