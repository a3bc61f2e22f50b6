/** What may have a tag. */
export interface Tagged {
  readonly tag: string | undefined;
}

/** Finds entries by their tags, without a look at any others. */
export class TagIndex<T extends Tagged> {
  readonly #byTag = new Map<string, Set<T>>();

  /** How many tags there are. */
  get size(): number {
    return this.#byTag.size;
  }

  /** The entries with a tag that are here now. */
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

  /** Removes an entry that was added, and its tag with the last one. */
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
