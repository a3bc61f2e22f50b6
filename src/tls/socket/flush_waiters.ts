import type { EndReason } from "./end_reason.ts";

/** Those who wait until what they wrote is gone, and are told when it never will be. */
export class FlushWaiters {
  readonly #waiting = new Set<(error: unknown) => void>();
  #abandoned: EndReason | null = null;

  /** Settles with `flushed`, or rejects when all are abandoned. */
  wait(flushed: Promise<void>): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.#abandoned) reject(this.#abandoned.error);
      else this.#waiting.add(reject);
      // Those that fail are abandoned, with what the peer has said of it.
      flushed.then(() => {
        this.#waiting.delete(reject);
        resolve();
      }, () => {});
    });
  }

  /** Rejects all who wait, and who will. */
  abandon(reason: EndReason): void {
    this.#abandoned ??= reason;
    for (const reject of this.#waiting) reject(reason.error);
    this.#waiting.clear();
  }
}
