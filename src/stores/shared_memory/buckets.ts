import { ENTRY_BYTES } from "./layout.ts";
import type { Ring } from "./ring.ts";

/** A hash table of the entries of a ring: each bucket is a list. Whoever calls holds the lock. */
export class Buckets {
  /** The place of the first entry of each bucket plus 1: new memory has zeros. */
  readonly #first: Int32Array;
  readonly #ring: Ring;

  /** The table in words of shared memory, as many as a power of 2. */
  constructor(words: Int32Array, ring: Ring) {
    this.#first = words;
    this.#ring = ring;
  }

  /** The place of the entry with an id. */
  find(id: Uint8Array): number | undefined {
    const ring = this.#ring;
    const hash = hashOf(id);
    return this.#search(hash, (at) =>
      ring.field(at, "hash") === hash &&
      ring.field(at, "idLength") === id.length &&
      ring.hasBytes(at + ENTRY_BYTES, id));
  }

  /** Adds an entry with an id that no other has. */
  add(at: number, id: Uint8Array): void {
    const hash = hashOf(id);
    this.#ring.setField(at, "hash", hash);
    this.#setNext(at, this.#firstOf(hash));
    this.#setFirst(hash, at);
  }

  /** Removes an entry. */
  remove(at: number): void {
    const hash = this.#ring.field(at, "hash");
    const next = this.#nextOf(at);
    if (this.#firstOf(hash) === at) return this.#setFirst(hash, next);
    const before = this.#search(hash, (other) => this.#nextOf(other) === at);
    if (before !== undefined) this.#setNext(before, next);
  }

  /** Removes all entries. */
  clear(): void {
    this.#first.fill(0);
  }

  /** Searches a bucket. Ends in any case, even if the list were a circle. */
  #search(hash: number, isIt: (at: number) => boolean): number | undefined {
    let at = this.#firstOf(hash);
    for (let left = this.#ring.maxEntries; left > 0 && at >= 0; left--) {
      if (isIt(at)) return at;
      at = this.#nextOf(at);
    }
    return undefined;
  }

  #firstOf(hash: number): number {
    return (this.#first[this.#bucketOf(hash)] ?? 0) - 1;
  }

  #setFirst(hash: number, at: number): void {
    this.#first[this.#bucketOf(hash)] = at + 1;
  }

  #nextOf(at: number): number {
    return this.#ring.field(at, "next") - 1;
  }

  #setNext(at: number, next: number): void {
    this.#ring.setField(at, "next", next + 1);
  }

  #bucketOf(hash: number): number {
    return hash & (this.#first.length - 1);
  }
}

/** FNV-1a. */
function hashOf(id: Uint8Array): number {
  let hash = 0x811c9dc5 | 0;
  for (const byte of id) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash ^ hash >>> 15;
}
