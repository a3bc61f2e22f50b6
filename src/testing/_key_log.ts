/** Passes the lines of key logs to listeners. */
export class KeyLog {
  readonly #listeners = new Set<(line: string) => void>();

  /** Passes a line on. It needs no `this`. */
  readonly write = (line: string): void => {
    for (const listener of this.#listeners) listener(line);
  };

  /** Adds a listener, and returns a function that removes it. */
  listen(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
