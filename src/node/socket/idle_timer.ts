/** A timeout for inactivity. It doesn't keep the process alive. */
export class IdleTimer {
  readonly #onIdle: () => void;
  #ms = 0;
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A timer that calls `onIdle`; it begins with `set`. */
  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
  }

  /** Sets the timeout in milliseconds; 0 for none. */
  set(ms: number): void {
    this.clear();
    this.#ms = ms;
    this.touch();
  }

  /** Restarts the timeout. */
  touch(): void {
    if (this.#ms === 0) return;
    this.#since = performance.now();
    if (this.#timer === undefined) this.#wait(this.#ms);
  }

  /** Ends the timeout. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#ms = 0;
  }

  /** One timer for all activity: when it fires, it waits for the rest of the timeout. */
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
