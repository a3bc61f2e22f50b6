/** The size of the buffer of an idle connection: enough for a hello or a request. */
const IDLE_BYTES = 2_048;
/** The size of the buffer of a busy connection: some TLS records. */
const BULK_BYTES = 65_536;
/** After a read of as many bytes, the next buffer is a large one. */
const MANY_BYTES = 16_384;
/** How many buffers of each size are kept for the next read of whichever connection. */
const MAX_FREE_IDLE = 64;
const MAX_FREE_BULK = 4;

const freeIdle: Uint8Array<ArrayBuffer>[] = [];
const freeBulk: Uint8Array<ArrayBuffer>[] = [];

/**
 * The buffers that a connection reads into: small ones as long as little comes, so that
 * idle connections take little memory. All connections share those that no read holds.
 */
export class ReadBuffers {
  #expectsMuch = false;

  /** A buffer for one read. */
  acquire(): Uint8Array<ArrayBuffer> {
    return this.#expectsMuch
      ? freeBulk.pop() ?? new Uint8Array(BULK_BYTES)
      : freeIdle.pop() ?? new Uint8Array(IDLE_BYTES);
  }

  /** Gives back the buffer of a read that is done, and says how much came. */
  release(buffer: Uint8Array<ArrayBuffer>, count: number): void {
    this.#expectsMuch = count === buffer.length || count >= MANY_BYTES;
    // One that was transferred, by a connection of the application's, has no bytes any more.
    if (buffer.length === 0) return;
    const isIdle = buffer.length === IDLE_BYTES;
    const free = isIdle ? freeIdle : freeBulk;
    if (free.length < (isIdle ? MAX_FREE_IDLE : MAX_FREE_BULK)) {
      free.push(buffer);
    }
  }
}
