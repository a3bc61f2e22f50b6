/** Something that happens once, for those who wait: none of them needs a promise before. */
export class Once {
  #hasHappened = false;
  #waiting: (() => void)[] = [];

  /** Has it happen: those who wait go on. */
  happen(): void {
    this.#hasHappened = true;
    if (this.#waiting.length === 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when it has happened. */
  wait(): Promise<void> {
    if (this.#hasHappened) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
