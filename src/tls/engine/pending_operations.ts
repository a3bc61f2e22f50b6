/** The operations, such as a store's, that a connection waits for. */
export class PendingOperations {
  readonly #onOver: () => void;
  #open = 0;
  #holding = 0;
  #pending: Promise<void> | null = null;

  /** Calls `onOver` whenever one of them is over. */
  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  /** Resolves when none is under way any more; `null` if none is. */
  get pending(): Promise<void> | null {
    return this.#pending;
  }

  /** Whether bytes to the peer are held back. */
  get holdBytes(): boolean {
    return this.#holding > 0;
  }

  /** Adds one, which never rejects. */
  add(operation: Promise<void>, holdsBytes: boolean): void {
    this.#open++;
    if (holdsBytes) this.#holding++;
    const over = operation.then(() => {
      if (holdsBytes) this.#holding--;
      try {
        this.#onOver();
      } finally {
        if (--this.#open === 0) this.#pending = null;
      }
    });
    const before = this.#pending;
    this.#pending = before ? Promise.all([before, over]).then(() => {}) : over;
  }
}
