/** An entry of a heap. It holds its index, so that it can be removed at any time. */
export interface Expiring {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The index in the heap, which the heap maintains. */
  place: number;
}

/** A binary heap by expiry, the first to expire on top. Adding and removing are O(log n). */
export class ExpiryHeap<T extends Expiring> {
  readonly #entries: T[] = [];

  /** The entry that expires first. */
  get first(): T | undefined {
    return this.#entries[0];
  }

  /** Adds an entry. */
  add(entry: T): void {
    this.#entries.push(entry);
    this.#rise(entry, this.#entries.length - 1);
  }

  /** Removes an entry that was added. */
  remove(entry: T): void {
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    // The last entry fills the gap. It may belong above or below it.
    this.#rise(last, entry.place);
    this.#sink(last, last.place);
  }

  /** Removes all entries. */
  clear(): void {
    this.#entries.length = 0;
  }

  #rise(entry: T, place: number): void {
    while (place > 0) {
      const parent = this.#entries[(place - 1) >> 1];
      if (parent === undefined || parent.expiresAt <= entry.expiresAt) break;
      const parentPlace = parent.place;
      this.#put(parent, place);
      place = parentPlace;
    }
    this.#put(entry, place);
  }

  #sink(entry: T, place: number): void {
    for (;;) {
      const child = this.#earlierChild(place);
      if (child === undefined || child.expiresAt >= entry.expiresAt) break;
      const childPlace = child.place;
      this.#put(child, place);
      place = childPlace;
    }
    this.#put(entry, place);
  }

  #earlierChild(place: number): T | undefined {
    const left = this.#entries[2 * place + 1];
    const right = this.#entries[2 * place + 2];
    return left !== undefined && right !== undefined &&
        right.expiresAt < left.expiresAt
      ? right
      : left;
  }

  #put(entry: T, place: number): void {
    this.#entries[place] = entry;
    entry.place = place;
  }
}
