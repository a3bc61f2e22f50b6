import { wipe } from "../../internal/byte_view.ts";
import { settle } from "../../internal/maybe_promise.ts";
import type {
  MaybePromise,
  RemovalReason,
  SessionGetOptions,
  SessionStore,
} from "../session_store.ts";

/** What is known of a record when it was last confirmed by the far store. */
export interface Confirmed {
  /** When the far store was called. */
  readonly since: number;
  /** The first instant at which it must be called again. */
  readonly until: number;
  /** When the record expires; `Infinity` if only the far store knows. */
  readonly expiresAt: number;
  /** The tag, if any; `null` if only the far store knows. */
  readonly tag: string | undefined | null;
}

interface Entry extends Confirmed {
  readonly nearId: Uint8Array;
}

/**
 * The records in the near store. Each is stored under a new random id, which is used once. So an
 * old record is never returned in place of a newer one, even if the near store is late, reorders
 * its calls, or fails.
 */
export class NearRecords {
  readonly #store: SessionStore;
  readonly #maxEntries: number;
  /** By the key of the session's id, the oldest first. */
  readonly #entries = new Map<string, Entry>();

  constructor(store: SessionStore, maxEntries: number) {
    this.#store = store;
    this.#maxEntries = maxEntries;
  }

  /** A record, if it need not be confirmed again at `now`. */
  get(
    key: string,
    now: number,
    options: SessionGetOptions | undefined,
  ): MaybePromise<Uint8Array | undefined> {
    const entry = this.#entries.get(key);
    // A clock that is set back must not extend it.
    if (entry === undefined || now < entry.since || now >= entry.until) {
      return undefined;
    }
    return settle(
      () => this.#store.get(entry.nearId, options),
      (record) => record,
      () => undefined,
    );
  }

  /** When the record that was last kept expires. */
  expiryOf(key: string): number {
    return this.#entries.get(key)?.expiresAt ?? Infinity;
  }

  /**
   * Stores a copy of a record. It is returned once the near store has it, unless `isCurrent`
   * returns false then.
   */
  keep(
    key: string,
    record: Uint8Array,
    confirmed: Confirmed,
    isCurrent: () => boolean,
  ): void {
    const entry = {
      ...confirmed,
      nearId: crypto.getRandomValues(new Uint8Array(16)),
    };
    // The caller may change its array before the near store has read it.
    const copy = new Uint8Array(record);
    const stored = (): void => {
      wipe(copy);
      if (isCurrent()) this.#add(key, entry);
      else this.#drop(entry, "evicted");
    };
    const failed = (): void => {
      wipe(copy);
      isCurrent();
    };
    const expiresAt = new Date(confirmed.until);
    settle(
      () => this.#store.set(entry.nearId, copy, { expiresAt }),
      stored,
      failed,
    );
  }

  /** Removes a record. */
  delete(key: string, reason: RemovalReason): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#drop(entry, reason);
  }

  /** Removes all records that may have a tag. */
  deleteTagged(tag: string): void {
    for (const [key, entry] of this.#entries) {
      if (entry.tag === tag || entry.tag === null) this.delete(key, "revoked");
    }
  }

  /** Removes all records. */
  clear(): void {
    for (const key of this.#entries.keys()) this.delete(key, "evicted");
  }

  #add(key: string, entry: Entry): void {
    this.delete(key, "evicted");
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) return;
      this.delete(oldest, "evicted");
    }
  }

  /** Removes a record from the near store. */
  #drop({ nearId }: Entry, reason: RemovalReason): void {
    settle(
      () => this.#store.delete(nearId, reason),
      () => {},
      () => {},
    );
  }
}
