/** An entry that may have a tag. */
export interface Tagged {
  readonly tag: string | undefined;
}

/** Finds entries by tag, in time that depends on the number of entries with that tag. */
export class TagIndex<T extends Tagged> {
  readonly #byTag = new Map<string, Set<T>>();

  /** The number of tags. */
  get size(): number {
    return this.#byTag.size;
  }

  /** The entries with a tag. */
  of(tag: string): readonly T[] {
    return [...this.#byTag.get(tag) ?? []];
  }

  /** Adds an entry, if it has a tag. */
  add(entry: T): void {
    const { tag } = entry;
    if (tag === undefined) return;
    const entries = this.#byTag.get(tag);
    if (entries !== undefined) entries.add(entry);
    else this.#byTag.set(tag, new Set([entry]));
  }

  /** Removes an entry that was added. */
  remove(entry: T): void {
    const { tag } = entry;
    if (tag === undefined) return;
    const entries = this.#byTag.get(tag);
    entries?.delete(entry);
    if (entries?.size === 0) this.#byTag.delete(tag);
  }

  /** Removes all entries. */
  clear(): void {
    this.#byTag.clear();
  }
}
