import { ENTRY, ENTRY_BYTES, REMOVED, WORD } from "./layout.ts";

/** The fields of an entry that are 32 bits. */
type Field = Exclude<keyof typeof ENTRY, "expiresAt">;

/**
 * The entries in shared memory, from the oldest to the newest. The newest may lie before the
 * oldest. Whoever calls holds the lock.
 */
export class Ring {
  readonly bytes: Uint8Array;
  /** The shared words. */
  readonly #words: Int32Array;
  readonly #fields: Int32Array;
  readonly #times: Float64Array;
  readonly #length: number;

  /** The ring that begins at a byte of memory. */
  constructor(memory: SharedArrayBuffer, begin: number) {
    this.bytes = new Uint8Array(memory, begin);
    this.#words = new Int32Array(memory);
    this.#fields = new Int32Array(memory, begin);
    this.#times = new Float64Array(memory, begin);
    this.#length = this.bytes.length;
  }

  /** More entries than fit. */
  get maxEntries(): number {
    return this.#length / ENTRY_BYTES + 1;
  }

  /** The place of the oldest entry, or `undefined` if there is none. */
  get oldest(): number | undefined {
    return this.#word("used") === 0 ? undefined : this.#word("tail");
  }

  /** A field of an entry. */
  field(at: number, field: Field): number {
    return this.#fields[at / 4 + ENTRY[field]] ?? 0;
  }

  /** Changes a field of an entry. */
  setField(at: number, field: Field, value: number): void {
    this.#fields[at / 4 + ENTRY[field]] = value;
  }

  /** When an entry expires, in milliseconds since the epoch. */
  expiresAt(at: number): number {
    return this.#times[at / 8 + ENTRY.expiresAt / 2] ?? 0;
  }

  /** Changes when an entry expires. */
  setExpiresAt(at: number, value: number): void {
    this.#times[at / 8 + ENTRY.expiresAt / 2] = value;
  }

  /** Whether `bytes` are in the ring at a place. */
  hasBytes(place: number, bytes: Uint8Array): boolean {
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== this.bytes[place + i]) return false;
    }
    return true;
  }

  /** Whether an entry was removed. */
  isRemoved(at: number): boolean {
    return this.field(at, "idLength") === REMOVED;
  }

  /** Fills an entry with zeros and marks it as removed. Its size stays. */
  erase(at: number): void {
    const size = this.#sizeOf(at);
    this.bytes.fill(0, at, at + size);
    this.setField(at, "size", size);
    this.setField(at, "idLength", REMOVED);
  }

  /** Gives the space of the oldest entry back, which must have been removed. */
  dropOldest(): void {
    const tail = this.#word("tail");
    const size = this.#sizeOf(tail);
    this.#setWord("tail", (tail + size) % this.#length);
    this.#setWord("used", this.#word("used") - size);
  }

  /**
   * Adds an entry of `size` bytes, at most those of the ring, which is marked as removed.
   *
   * @param makeRoom Removes the oldest entry and drops it.
   * @returns Its place.
   */
  add(size: number, makeRoom: () => void): number {
    const rest = this.#length - this.#head;
    if (size > rest) this.#append(rest, makeRoom);
    return this.#append(size, makeRoom);
  }

  /** Calls `action` with each entry that was not removed. */
  forEach(action: (at: number) => void): void {
    let at = this.#word("tail");
    for (let left = this.#word("used"); left > 0;) {
      const size = this.#sizeOf(at);
      if (!this.isRemoved(at)) action(at);
      left -= size;
      at = (at + size) % this.#length;
    }
  }

  /** Removes all entries, and fills all that was ever written with zeros. */
  clear(): void {
    this.bytes.fill(0, 0, this.#word("touched"));
    this.#setWord("tail", 0);
    this.#setWord("used", 0);
  }

  /** Where the next entry begins. */
  get #head(): number {
    return (this.#word("tail") + this.#word("used")) % this.#length;
  }

  #append(size: number, makeRoom: () => void): number {
    while (this.#length - this.#word("used") < size) makeRoom();
    const at = this.#head;
    this.setField(at, "size", size);
    this.setField(at, "idLength", REMOVED);
    this.#setWord("used", this.#word("used") + size);
    this.#setWord("touched", Math.max(this.#word("touched"), at + size));
    return at;
  }

  /** The size of an entry. Throws rather than go on with memory that makes no sense. */
  #sizeOf(at: number): number {
    const size = this.field(at, "size");
    if (size >= ENTRY_BYTES && at + size <= this.#length) return size;
    throw new Error("The memory of the session store is inconsistent");
  }

  #word(word: keyof typeof WORD): number {
    return this.#words[WORD[word]] ?? 0;
  }

  #setWord(word: keyof typeof WORD, value: number): void {
    this.#words[WORD[word]] = value;
  }
}
