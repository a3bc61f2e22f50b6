/** What a connection waits for. */
export class Waits {
  readonly #onOver: () => void;
  #open = 0;
  #holding = 0;
  #pending: Promise<void> | null = null;

  /** Calls `onOver` whenever one of the waits is over. */
  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  /** Resolves when nothing is waited for any more; `null` if nothing is. */
  get pending(): Promise<void> | null {
    return this.#pending;
  }

  /** Whether bytes to the peer are held back. */
  get holdBytes(): boolean {
    return this.#holding > 0;
  }

  /** Waits for one more promise, which never rejects. */
  add(wait: Promise<void>, holdsBytes: boolean): void {
    this.#open++;
    if (holdsBytes) this.#holding++;
    const over = wait.then(() => {
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
