import type { EndReason } from "./end_reason.ts";

/** The writes that wait for the transport: they are rejected when the connection fails. */
export class FlushWaiters {
  /** `null` stands for none, as in most connections most of the time. */
  #waiting: Set<(error: unknown) => void> | null = null;
  #abandoned: EndReason | null = null;

  /** Settles with `flushed`, or rejects when all are abandoned. */
  wait(flushed: Promise<void>): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.#abandoned) reject(this.#abandoned.error);
      else (this.#waiting ??= new Set()).add(reject);
      // A failure is reported by `abandon`, with the peer's alert if there is one.
      flushed.then(() => {
        this.#waiting?.delete(reject);
        if (this.#waiting?.size === 0) this.#waiting = null;
        resolve();
      }, () => {});
    });
  }

  /** Rejects all that wait, and later ones. */
  abandon(reason: EndReason): void {
    this.#abandoned ??= reason;
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const reject of waiting) reject(reason.error);
  }
}
