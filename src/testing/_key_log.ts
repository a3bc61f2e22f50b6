/** What the lines of key logs go through, to those who listen then. */
export class KeyLog {
  readonly #listeners = new Set<(line: string) => void>();

  /** Takes a line. Needs no `this`. */
  readonly write = (line: string): void => {
    for (const listener of this.#listeners) listener(line);
  };

  /** Has `listener` told of each line: returns how to end that. */
  listen(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
