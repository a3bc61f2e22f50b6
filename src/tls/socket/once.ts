/** Something that happens once, for those who wait: none of them needs a promise before. */
export class Once {
  #hasHappened = false;
  #waiting: (() => void)[] | null = null;

  /** Has it happen: those who wait go on. */
  happen(): void {
    this.#hasHappened = true;
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const resolve of waiting) resolve();
  }

  /** Calls `then` when it has happened. */
  tell(then: () => void): void {
    if (this.#hasHappened) then();
    else (this.#waiting ??= []).push(then);
  }

  /** Resolves when it has happened. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.tell(resolve));
  }
}
