import { wipe } from "../../internal/byte_view.ts";
import { settle } from "../../internal/maybe_promise.ts";
import type {
  MaybePromise,
  RemovalReason,
  SessionGetOptions,
  SessionStore,
} from "../session_store.ts";

/** What is known of a record that may be kept near. */
export interface Confirmed {
  /** When far was asked. */
  readonly since: number;
  /** The first instant at which it has to be asked again. */
  readonly until: number;
  /** When the record expires, or `Infinity` where only far knows. */
  readonly expiresAt: number;
  /** The tag that it was stored with, if any; `null` where only far knows. */
  readonly tag: string | undefined | null;
}

interface Entry extends Confirmed {
  readonly nearId: Uint8Array;
}

/**
 * The records that are held near. Each is stored under a new id, used once: so
 * whatever a near store does late, in another order or not at all, an old
 * record is never found under the id of a newer one.
 */
export class NearRecords {
  readonly #store: SessionStore;
  readonly #maxEntries: number;
  /** By the key of the session's id, the first one confirmed first. */
  readonly #entries = new Map<string, Entry>();

  constructor(store: SessionStore, maxEntries: number) {
    this.#store = store;
    this.#maxEntries = maxEntries;
  }

  /** A record that is confirmed at `now`. */
  get(
    key: string,
    now: number,
    options: SessionGetOptions | undefined,
  ): MaybePromise<Uint8Array | undefined> {
    const entry = this.#entries.get(key);
    // A clock that was set back must not keep a record for longer.
    if (entry === undefined || now < entry.since || now >= entry.until) {
      return undefined;
    }
    return settle(
      () => this.#store.get(entry.nearId, options),
      (record) => record,
      () => undefined,
    );
  }

  /** When the record that was last known here expires. */
  expiryOf(key: string): number {
    return this.#entries.get(key)?.expiresAt ?? Infinity;
  }

  /**
   * Stores a copy of a record; it is found once the store has it, unless
   * `holds` says then that it has changed.
   */
  keep(
    key: string,
    record: Uint8Array,
    confirmed: Confirmed,
    holds: () => boolean,
  ): void {
    const entry = {
      ...confirmed,
      nearId: crypto.getRandomValues(new Uint8Array(16)),
    };
    // The caller may change its array before a near store has read it.
    const copy = new Uint8Array(record);
    const stored = (): void => {
      wipe(copy);
      if (holds()) this.#add(key, entry);
      else this.#drop(entry, "evicted");
    };
    const failed = (): void => {
      wipe(copy);
      holds();
    };
    const expiresAt = new Date(confirmed.until);
    settle(
      () => this.#store.set(entry.nearId, copy, { expiresAt }),
      stored,
      failed,
    );
  }

  /** Forgets a record. */
  forget(key: string, reason: RemovalReason): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#drop(entry, reason);
  }

  /** Forgets all records that may have a tag. */
  forgetTagged(tag: string): void {
    for (const [key, entry] of this.#entries) {
      if (entry.tag === tag || entry.tag === null) this.forget(key, "revoked");
    }
  }

  /** Forgets all records. */
  clear(): void {
    for (const key of this.#entries.keys()) this.forget(key, "evicted");
  }

  #add(key: string, entry: Entry): void {
    this.forget(key, "evicted");
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) return;
      this.forget(oldest, "evicted");
    }
  }

  /** Frees the room of a record that is not found any more. */
  #drop({ nearId }: Entry, reason: RemovalReason): void {
    settle(
      () => this.#store.delete(nearId, reason),
      () => {},
      () => {},
    );
  }
}
