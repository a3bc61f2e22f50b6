/** Tells when nothing has happened for a while. It keeps no process. */
export class IdleTimer {
  readonly #onIdle: () => void;
  #ms = 0;
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Calls `onIdle`, once it is set. */
  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
  }

  /** Sets after how many milliseconds; 0 for never. */
  set(ms: number): void {
    this.clear();
    this.#ms = ms;
    this.touch();
  }

  /** Something happens. */
  touch(): void {
    if (this.#ms === 0) return;
    this.#since = performance.now();
    if (this.#timer === undefined) this.#wait(this.#ms);
  }

  /** Tells nothing any more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#ms = 0;
  }

  /** One timer for all that happens: it looks again when it might have been idle. */
  #wait(ms: number): void {
    this.#timer = setTimeout(() => {
      const left = this.#since + this.#ms - performance.now();
      if (left > 0.5) return this.#wait(left);
      this.#timer = undefined;
      this.#onIdle();
    }, ms);
    (this.#timer as { unref?(): void }).unref?.();
  }
}
