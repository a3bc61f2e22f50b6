/** How many tags are remembered. */
const MAX_TAGS = 4096;

/**
 * The revoked tags and when they were revoked: records that were encrypted before count as
 * revoked, even if the inner store returns them. When there are too many tags, the oldest
 * revocation is applied to all tags: this revokes too much, but never too little.
 */
export class Revocations {
  readonly #times = new Map<string, number>();
  #all = -Infinity;

  /** Whether no tag was revoked. */
  get isEmpty(): boolean {
    return this.#times.size === 0;
  }

  /** Adds a revocation of a tag, by its digest. */
  add(tag: string, at: number): void {
    // After all records of this tag, whose times may be ahead of the clock.
    const time = this.timeFor(tag, at);
    this.#times.delete(tag);
    this.#times.set(tag, time);
    const [oldest] = this.#times;
    if (this.#times.size <= MAX_TAGS || oldest === undefined) return;
    this.#times.delete(oldest[0]);
    this.#all = Math.max(this.#all, oldest[1]);
  }

  /** Whether a record with a tag, encrypted at a time, was revoked since. */
  covers(tag: string, sealedAt: number): boolean {
    return sealedAt <= (this.#times.get(tag) ?? this.#all);
  }

  /** The time of encryption of a new record: `now`, or just after the last revocation. */
  timeFor(tag: string, now: number): number {
    const last = this.#times.get(tag) ?? this.#all;
    return now > last ? now : last + 1;
  }
}
