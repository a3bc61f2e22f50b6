/** How many tags are remembered one by one. */
const MAX_TAGS = 4096;

/**
 * What was revoked, and when: records that were sealed before are not believed, whatever the
 * store within says. When there are too many, the oldest is forgotten, and all that has a tag
 * and is as old as that counts as revoked: a miss does no harm.
 */
export class Revocations {
  readonly #times = new Map<string, number>();
  #all = -Infinity;

  /** Whether nothing was revoked yet. */
  get isEmpty(): boolean {
    return this.#times.size === 0;
  }

  /** A tag, by its digest, was revoked at a time. */
  add(tag: string, at: number): void {
    // Past what was sealed since the last time, which may be ahead of the clock.
    const time = this.timeFor(tag, at);
    this.#times.delete(tag);
    this.#times.set(tag, time);
    const [oldest] = this.#times;
    if (this.#times.size <= MAX_TAGS || oldest === undefined) return;
    this.#times.delete(oldest[0]);
    this.#all = Math.max(this.#all, oldest[1]);
  }

  /** Whether what was sealed at a time with a tag was revoked since. */
  covers(tag: string, sealedAt: number): boolean {
    return sealedAt <= (this.#times.get(tag) ?? this.#all);
  }

  /** The time to seal with a tag by: `now`, or just past the last time that it was revoked. */
  timeFor(tag: string, now: number): number {
    const last = this.#times.get(tag) ?? this.#all;
    return now > last ? now : last + 1;
  }
}
