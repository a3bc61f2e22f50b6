import type { EndReason } from "./end_reason.ts";

/** Those who wait until what they wrote is gone, and are told when it never will be. */
export class FlushWaiters {
  /** `null` stands for none, as in most connections most of the time. */
  #waiting: Set<(error: unknown) => void> | null = null;
  #abandoned: EndReason | null = null;

  /** Settles with `flushed`, or rejects when all are abandoned. */
  wait(flushed: Promise<void>): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.#abandoned) reject(this.#abandoned.error);
      else (this.#waiting ??= new Set()).add(reject);
      // Those that fail are abandoned, with what the peer has said of it.
      flushed.then(() => {
        this.#waiting?.delete(reject);
        if (this.#waiting?.size === 0) this.#waiting = null;
        resolve();
      }, () => {});
    });
  }

  /** Rejects all who wait, and who will. */
  abandon(reason: EndReason): void {
    this.#abandoned ??= reason;
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const reject of waiting) reject(reason.error);
  }
}
