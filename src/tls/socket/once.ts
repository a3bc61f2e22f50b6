/** An event that happens once. It makes a promise only when somebody waits for it. */
export class Once {
  #hasHappened = false;
  #waiting: (() => void)[] | null = null;

  /** Marks it as happened, and calls those that wait for it. */
  happen(): void {
    this.#hasHappened = true;
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const resolve of waiting) resolve();
  }

  /** Calls `then` once it has happened: at once if it has already. */
  tell(then: () => void): void {
    if (this.#hasHappened) then();
    else (this.#waiting ??= []).push(then);
  }

  /** Resolves when it has happened. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.tell(resolve));
  }
}
