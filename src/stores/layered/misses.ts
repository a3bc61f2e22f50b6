/** Ids that had no record lately. */
export class LayeredMisses {
  readonly #lifetime: number;
  readonly #maxEntries: number;
  /** Since when each is known, the first one first. */
  readonly #entries = new Map<string, number>();

  constructor(lifetime: number, maxEntries: number) {
    this.#lifetime = lifetime;
    this.#maxEntries = maxEntries;
  }

  /** Whether it is known at `now` that there is no record. */
  has(key: string, now: number): boolean {
    const since = this.#entries.get(key);
    return since !== undefined && this.#lasts(since, now);
  }

  /** Remembers that at `now` there was no record. */
  add(key: string, now: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, now);
    for (const [oldest, since] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries && this.#lasts(since, now)) {
        return;
      }
      this.#entries.delete(oldest);
    }
  }

  /** Forgets that there is no record. */
  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets all. */
  clear(): void {
    this.#entries.clear();
  }

  #lasts(since: number, now: number): boolean {
    // A clock that was set back must not make it last longer.
    return since <= now && now < since + this.#lifetime;
  }
}
