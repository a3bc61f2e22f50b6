/** How many bytes are read for a connection that waits for the program. */
const MAX_BYTES = 65_536;

/** The bound on what is read while a connection waits for the program, such as for `SNICallback`. */
export class ReadAhead {
  #bytes = 0;

  /** Whether no more is to be read for now. */
  get isFull(): boolean {
    return this.#bytes >= MAX_BYTES;
  }

  /** Counts bytes that were read. */
  add(count: number): void {
    this.#bytes += count;
  }

  /** The connection doesn't wait. */
  clear(): void {
    this.#bytes = 0;
  }
}
