/**
 * The shared memory: words that say where everything is, the buckets of a hash table, and a ring
 * of entries, the oldest of which makes room for the next. All places in the ring are in bytes.
 *
 * @module
 */

/** The 32-bit words at the start. */
export const WORD = {
  magic: 0,
  lockHolder: 1,
  lockTurns: 2,
  maxEntries: 3,
  buckets: 4,
  /** The number of entries that were not removed. */
  entries: 5,
  /** The place of the oldest entry. */
  tail: 6,
  /** The bytes of all entries, removed ones included. */
  used: 7,
  /** No byte of the ring from here on was ever written. */
  touched: 8,
} as const;

/** The bytes of the words, the first of which are {@linkcode WORD}. */
export const WORDS_BYTES = 64;

/** The most records and bytes: places and numbers of buckets fit 32 bits. */
export const MAX_ENTRIES = 2 ** 24;
export const MAX_BYTES = 2 ** 30;

/** The first word: "Ses" and the version of the layout. */
const MAGIC = 0x53657301;

/** The 32-bit words of an entry. Its id, tag and record follow. */
export const ENTRY = {
  /** The bytes of the entry, these words included. */
  size: 0,
  /** The place of the next entry in the bucket plus 1, or 0. */
  next: 1,
  hash: 2,
  /** The length of the id, or `REMOVED`. */
  idLength: 3,
  tagLength: 4,
  recordLength: 5,
  /** Milliseconds since the epoch: 64 bits. */
  expiresAt: 6,
} as const;

/** Entries start at multiples of this, which is what their words take. */
export const ENTRY_BYTES = 32;
/** The length of the id of an entry that was removed. */
export const REMOVED = -1;
/** The limits of a memory. */
export interface SharedLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** Allocates memory without any entry. */
export function allocate(
  { maxEntries, maxBytes }: SharedLimits,
): SharedArrayBuffer {
  const ringBytes = Math.ceil(maxBytes / ENTRY_BYTES) * ENTRY_BYTES;
  // At most two entries in a bucket, on average.
  const buckets = 2 ** Math.max(3, Math.ceil(Math.log2(maxEntries)) - 1);
  const memory = new SharedArrayBuffer(WORDS_BYTES + buckets * 4 + ringBytes);
  const words = new Int32Array(memory);
  words[WORD.maxEntries] = maxEntries;
  words[WORD.buckets] = buckets;
  Atomics.store(words, WORD.magic, MAGIC);
  return memory;
}

/** Whether memory was allocated by {@linkcode allocate}. */
export function isAllocated(memory: SharedArrayBuffer): boolean {
  if (memory.byteLength < WORDS_BYTES) return false;
  const words = new Int32Array(memory, 0, WORDS_BYTES / 4);
  return Atomics.load(words, WORD.magic) === MAGIC;
}
