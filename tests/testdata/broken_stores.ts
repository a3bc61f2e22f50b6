import { checkTag } from "../../src/internal/session_arguments.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "../../src/stores/session_store.ts";

/** What a {@linkcode PlainStore} holds under a key. */
export interface PlainRecord {
  readonly id: Uint8Array;
  readonly record: Uint8Array;
  readonly expires: number;
}

/** A store that keeps every promise, for stores that break one to start from. */
export class PlainStore implements SessionStore {
  readonly records: Map<string, PlainRecord> = new Map();
  readonly tags: Map<string, string | undefined> = new Map();
  readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  key(id: Uint8Array): string {
    return id.join();
  }

  get(id: Uint8Array): Uint8Array | undefined {
    const found = this.records.get(this.key(id));
    if (found === undefined || found.expires <= this.now()) return undefined;
    return new Uint8Array(found.record);
  }

  set(id: Uint8Array, record: Uint8Array, options: SessionSetOptions): void {
    const expires = options.expiresAt.getTime();
    if (Number.isNaN(expires)) throw new RangeError("Invalid expiresAt");
    if (options.tag !== undefined) this.checkTag(options.tag);
    this.put(id, new Uint8Array(record), expires);
    this.tags.set(this.key(id), options.tag);
  }

  put(id: Uint8Array, record: Uint8Array, expires: number): void {
    const copy = new Uint8Array(id);
    this.records.set(this.key(id), { id: copy, record, expires });
  }

  delete(id: Uint8Array, _reason: RemovalReason): void {
    this.remove(this.key(id));
  }

  take(id: Uint8Array): Uint8Array | undefined {
    const record = this.get(id);
    this.delete(id, "consumed");
    return record;
  }

  revoke({ tag }: SessionRevokeOptions): number {
    this.checkTag(tag);
    const keys = [...this.tags.keys()].filter((key) => {
      const own = this.tags.get(key);
      return own !== undefined && this.isSame(own, tag);
    });
    return keys.filter((key) => this.remove(key)).length;
  }

  async *entries(): AsyncGenerator<SessionEntry, void, void> {
    for (const key of [...this.records.keys()]) {
      const found = this.records.get(key);
      if (found && found.expires > this.now()) yield this.entry(key, found);
    }
  }

  entry(key: string, { id, record, expires }: PlainRecord): SessionEntry {
    const tag = this.tags.get(key);
    return {
      id: new Uint8Array(id),
      expiresAt: new Date(expires),
      size: record.length,
      ...(tag === undefined ? {} : { tag }),
    };
  }

  purge(): number {
    const keys = [...this.records.keys()].filter((key) =>
      (this.records.get(key)?.expires ?? 0) <= this.now()
    );
    return keys.filter((key) => this.remove(key)).length;
  }

  checkTag(tag: string): void {
    checkTag(tag);
  }

  isSame(own: string, tag: string): boolean {
    return own === tag;
  }

  remove(key: string): boolean {
    this.tags.delete(key);
    return this.records.delete(key);
  }
}

class Forgetful extends PlainStore {
  override get(id: Uint8Array): Uint8Array | undefined {
    const record = super.get(id);
    this.delete(id, "consumed");
    return record;
  }
}

export class Empty extends PlainStore {
  override get(_id: Uint8Array): undefined {
    return undefined;
  }
}

class LossyKeys extends PlainStore {
  override key(id: Uint8Array): string {
    return new TextDecoder().decode(id);
  }
}

class JoinedKeys extends PlainStore {
  override key(id: Uint8Array): string {
    return id.join("");
  }
}

class Tiny extends PlainStore {
  override put(id: Uint8Array, record: Uint8Array, expires: number): void {
    if (this.records.size < 20) super.put(id, record, expires);
  }
}

class FirstWins extends PlainStore {
  override put(id: Uint8Array, record: Uint8Array, expires: number): void {
    if (!this.records.has(this.key(id))) super.put(id, record, expires);
  }
}

class FirstExpiryWins extends PlainStore {
  override put(id: Uint8Array, record: Uint8Array, expires: number): void {
    const before = this.records.get(this.key(id))?.expires;
    super.put(id, record, before ?? expires);
  }
}

class KeepsEvicted extends PlainStore {
  override delete(id: Uint8Array, reason: RemovalReason): void {
    if (reason !== "evicted") super.delete(id, reason);
  }
}

class DeletesAll extends PlainStore {
  override delete(): void {
    this.records.clear();
  }
}

class NeverAgain extends PlainStore {
  readonly #gone = new Set<string>();

  override delete(id: Uint8Array): void {
    this.#gone.add(this.key(id));
  }

  override get(id: Uint8Array): Uint8Array | undefined {
    return this.#gone.has(this.key(id)) ? undefined : super.get(id);
  }
}

class TakesTwice extends PlainStore {
  override take(id: Uint8Array): Uint8Array | undefined {
    return this.get(id);
  }
}

class TakesExpired extends PlainStore {
  override take(id: Uint8Array): Uint8Array | undefined {
    const found = this.records.get(this.key(id));
    this.delete(id, "consumed");
    return found?.record;
  }
}

class MillisecondLate extends PlainStore {
  constructor(now: () => number) {
    super(() => now() - 1);
  }
}

class MillisecondEarly extends PlainStore {
  constructor(now: () => number) {
    super(() => now() + 1);
  }
}

class KeepsOverExpired extends PlainStore {
  override put(id: Uint8Array, record: Uint8Array, expires: number): void {
    if (expires > this.now()) super.put(id, record, expires);
  }
}

class ForEver extends PlainStore {
  override set(id: Uint8Array, record: Uint8Array, o: SessionSetOptions): void {
    this.put(id, new Uint8Array(record), o.expiresAt.getTime());
  }
}

class DropsInvalidExpiry extends PlainStore {
  override set(id: Uint8Array, record: Uint8Array, o: SessionSetOptions): void {
    if (!Number.isNaN(o.expiresAt.getTime())) super.set(id, record, o);
  }
}

class SharesInput extends PlainStore {
  override set(id: Uint8Array, record: Uint8Array, o: SessionSetOptions): void {
    super.set(id, record, o);
    this.put(id, record, o.expiresAt.getTime());
  }
}

class SlicesInput extends PlainStore {
  override set(id: Uint8Array, record: Uint8Array, o: SessionSetOptions): void {
    super.set(id, record, o);
    this.put(id, record.slice(), o.expiresAt.getTime());
  }
}

class SharesOutput extends PlainStore {
  override get(id: Uint8Array): Uint8Array | undefined {
    return super.get(id) && this.records.get(this.key(id))?.record;
  }
}

class WipesOutput extends PlainStore {
  #handedOut: Uint8Array | undefined;

  override get(id: Uint8Array): Uint8Array | undefined {
    return this.#handedOut = super.get(id);
  }

  override delete(id: Uint8Array, reason: RemovalReason): void {
    this.#handedOut?.fill(0);
    super.delete(id, reason);
  }
}

class WholeBuffers extends PlainStore {
  override put(id: Uint8Array, record: Uint8Array, expires: number): void {
    super.put(new Uint8Array(id.buffer), record, expires);
  }
}

/** Stores that break one promise each, and the words that say which. */
export const BROKEN_STORES: readonly [
  new (now: () => number) => SessionStore,
  string,
][] = [
  [Forgetful, "the second get returns what was set"],
  [Empty, "the first get returns what was set"],
  [LossyKeys, "the record of id [233] is its own"],
  [JoinedKeys, "the record of id [12 3] is its own"],
  [Tiny, "64 records have room"],
  [FirstWins, "get returns what was set last"],
  [FirstExpiryWins, "a later set shortens the lifetime"],
  [KeepsEvicted, 'after delete for "evicted" there is no record'],
  [DeletesAll, "delete removes just one record"],
  [NeverAgain, "set after delete stores the record"],
  [TakesTwice, "a second take finds nothing"],
  [TakesExpired, "take returns no record at its expiresAt"],
  [MillisecondLate, "get returns no record at its expiresAt"],
  [MillisecondEarly, "get returns a record until it expires"],
  [KeepsOverExpired, "with 0 ms to live there is no record"],
  [ForEver, "a record whose expiresAt is an invalid date is not kept"],
  [DropsInvalidExpiry, "set refuses an expiresAt that is an invalid date"],
  [SharesInput, "changing the arrays given to set changes no record"],
  [SlicesInput, "changing the arrays given to set changes no record"],
  [SharesOutput, "changing the array that get returned changes no record"],
  [WipesOutput, "replacing and deleting a record changes no array"],
  [WholeBuffers, "only the bytes of the view count, not its buffer"],
];
