import type {
  RemovalReason,
  SessionRevokeOptions,
  SessionSetOptions,
} from "../../src/stores/session_store.ts";
import { PlainStore } from "./broken_stores.ts";

class LosesTagged extends PlainStore {
  override set(id: Uint8Array, record: Uint8Array, o: SessionSetOptions): void {
    if (o.tag === undefined) super.set(id, record, o);
  }
}

class KeepsTagged extends PlainStore {
  override delete(id: Uint8Array, reason: RemovalReason): void {
    const tag = this.tags.get(this.key(id));
    if (tag === undefined || reason === "consumed") super.delete(id, reason);
  }
}

class TaggedForEver extends PlainStore {
  override set(id: Uint8Array, record: Uint8Array, o: SessionSetOptions): void {
    super.set(id, record, o);
    if (o.tag !== undefined) this.put(id, new Uint8Array(record), Infinity);
  }
}

class TakesNoTagged extends PlainStore {
  override take(id: Uint8Array): Uint8Array | undefined {
    const tag = this.tags.get(this.key(id));
    return tag === undefined ? super.take(id) : undefined;
  }
}

class RevokesNothing extends PlainStore {
  override revoke(): number {
    return 0;
  }
}

class RevokesAll extends PlainStore {
  override revoke(): number {
    this.records.clear();
    return 0;
  }
}

class RevokesOthers extends PlainStore {
  override revoke(options: SessionRevokeOptions): number {
    const count = super.revoke(options);
    if (count > 0) {
      for (const tag of this.tags.values()) {
        this.revokeAll(tag);
      }
    }
    return count;
  }

  revokeAll(tag: string | undefined): void {
    if (tag !== undefined) super.revoke({ tag });
  }
}

class RevokesUntagged extends PlainStore {
  override revoke(options: SessionRevokeOptions): number {
    const count = super.revoke(options);
    for (const [key, tag] of count > 0 ? this.tags : []) {
      if (tag === undefined) this.remove(key);
    }
    return count;
  }
}

/** Leaves a copy that is taken for good again. */
class RevokesForAMoment extends PlainStore {
  override revoke(options: SessionRevokeOptions): number {
    const before = [...this.records];
    const count = super.revoke(options);
    setTimeout(() => {
      for (const [key, found] of before) this.records.set(key, found);
    }, 1);
    return count;
  }
}

class RevokesTen extends PlainStore {
  override revoke(options: SessionRevokeOptions): number {
    const before = [...this.records];
    super.revoke(options);
    const gone = before.filter(([key]) => !this.records.has(key));
    for (const [key, found] of gone.slice(10)) this.records.set(key, found);
    return Math.min(gone.length, 10);
  }
}

class CountsOneMore extends PlainStore {
  override revoke(options: SessionRevokeOptions): number {
    return super.revoke(options) + 1;
  }
}

class CountsNothing extends PlainStore {
  override revoke(options: SessionRevokeOptions): number {
    super.revoke(options);
    return undefined as unknown as number;
  }
}

class KeepsFirstTag extends PlainStore {
  override set(id: Uint8Array, record: Uint8Array, o: SessionSetOptions): void {
    const key = this.key(id);
    const tag = this.tags.get(key);
    const known = this.tags.has(key);
    super.set(id, record, o);
    if (known) this.tags.set(key, tag);
  }
}

/** Keeps a record per tag, and returns the last that is left. */
class KeepsOlderRecords extends PlainStore {
  readonly #older = new Map<string, Uint8Array>();

  override set(id: Uint8Array, record: Uint8Array, o: SessionSetOptions): void {
    const before = this.get(id);
    if (before !== undefined) this.#older.set(this.key(id), before);
    super.set(id, record, o);
  }

  override revoke(options: SessionRevokeOptions): number {
    for (const [key, record] of this.#older) {
      const found = this.records.get(key);
      if (found !== undefined) this.records.set(key, { ...found, record });
    }
    return super.revoke(options);
  }
}

/** Has a list of ids for each tag, and doesn't expect any to have gone. */
class StopsAtGone extends PlainStore {
  readonly #keys: string[] = [];

  override set(id: Uint8Array, record: Uint8Array, o: SessionSetOptions): void {
    super.set(id, record, o);
    this.#keys.push(this.key(id));
  }

  override revoke(options: SessionRevokeOptions): number {
    for (const key of this.#keys) {
      if (!this.records.has(key)) return 0;
      if (this.tags.get(key) === options.tag) this.remove(key);
    }
    return super.revoke(options);
  }
}

class BarsRevokedTags extends PlainStore {
  readonly #barred = new Set<string | undefined>();

  override set(id: Uint8Array, record: Uint8Array, o: SessionSetOptions): void {
    if (!this.#barred.has(o.tag)) super.set(id, record, o);
  }

  override revoke(options: SessionRevokeOptions): number {
    this.#barred.add(options.tag);
    return super.revoke(options);
  }
}

class RevokesATagOnce extends PlainStore {
  readonly #revoked = new Set<string>();

  override revoke(options: SessionRevokeOptions): number {
    if (this.#revoked.has(options.tag)) return 0;
    this.#revoked.add(options.tag);
    return super.revoke(options);
  }
}

class TakesAnyTag extends PlainStore {
  override checkTag(): void {}
}

class CountsLetters extends PlainStore {
  override checkTag(tag: string): void {
    if (tag.length < 1 || tag.length > 256) throw new RangeError("Bad tag");
  }
}

class DropsBadTags extends PlainStore {
  override set(id: Uint8Array, record: Uint8Array, o: SessionSetOptions): void {
    try {
      super.set(id, record, o);
    } catch {
      this.delete(id, "evicted");
    }
  }
}

class RevokesAnyTag extends PlainStore {
  override revoke({ tag }: SessionRevokeOptions): number {
    return tag === "" ? 0 : super.revoke({ tag });
  }
}

/** Stores that break one promise each, and the words that say which. */
export const BROKEN_TAG_STORES: readonly [
  new (now: () => number) => PlainStore,
  string,
][] = [
  [LosesTagged, "get returns what was set with a tag"],
  [TakesNoTagged, "take returns what was set with a tag"],
  [KeepsTagged, "after delete there is no record, of those with a tag too"],
  [TaggedForEver, "get returns no record with a tag at its expiresAt"],
  [RevokesNothing, "after revoke there is no record with the tag"],
  [RevokesAll, "revoking a tag that no record has removes nothing"],
  [RevokesOthers, "revoke leaves records with another tag alone"],
  [RevokesUntagged, "revoke leaves records without a tag alone"],
  [RevokesForAMoment, "a revoked record never comes back"],
  [RevokesTen, "revoke removes 63 records with one tag"],
  [CountsOneMore, "how many it removed (0 expected, 1 received)"],
  [CountsNothing, "how many it removed (0 expected, undefined received)"],
  [KeepsFirstTag, "revoke removes a record that was set again with the tag"],
  [KeepsOlderRecords, "brings no older record back (another tag by now)"],
  [StopsAtGone, "revoke removes what is left of the records with the tag"],
  [BarsRevokedTags, "set after revoke stores the record"],
  [RevokesATagOnce, "removes a record that was set after an earlier one"],
  [TakesAnyTag, "a record whose tag is empty is not kept"],
  [CountsLetters, "tag is 129 letters, but 257 bytes long is not kept"],
  [DropsBadTags, "set refuses a tag that is empty (it did not fail)"],
  [RevokesAnyTag, "revoke refuses a tag that is empty (it did not fail)"],
];
