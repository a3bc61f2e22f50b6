/** The ids that recently had no record in the far store. */
export class MissCache {
  readonly #lifetime: number;
  readonly #maxEntries: number;
  /** When each miss was found, the oldest first. */
  readonly #entries = new Map<string, number>();

  constructor(lifetime: number, maxEntries: number) {
    this.#lifetime = lifetime;
    this.#maxEntries = maxEntries;
  }

  /** Whether a miss of this id is still valid. */
  has(key: string, now: number): boolean {
    const since = this.#entries.get(key);
    return since !== undefined && this.#isValid(since, now);
  }

  /** Adds a miss that was found at `now`. */
  add(key: string, now: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, now);
    for (const [oldest, since] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries && this.#isValid(since, now)) {
        return;
      }
      this.#entries.delete(oldest);
    }
  }

  /** Removes a miss. */
  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Removes all misses. */
  clear(): void {
    this.#entries.clear();
  }

  #isValid(since: number, now: number): boolean {
    // A clock that is set back must not extend it.
    return since <= now && now < since + this.#lifetime;
  }
}
