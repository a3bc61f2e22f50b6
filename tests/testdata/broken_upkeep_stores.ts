import type {
  SessionEntry,
  SessionRevokeOptions,
} from "../../src/stores/session_store.ts";
import { type PlainRecord, PlainStore } from "./broken_stores.ts";

type Entries = AsyncGenerator<SessionEntry, void, void>;

class ListsNothing extends PlainStore {
  override async *entries(): Entries {}
}

class ListsExpired extends PlainStore {
  override async *entries(): Entries {
    for (const found of this.records) yield this.entry(...found);
  }
}

class ListsTwice extends PlainStore {
  override async *entries(): Entries {
    yield* super.entries();
    yield* super.entries();
  }
}

class ListsRevoked extends PlainStore {
  readonly #revoked: SessionEntry[] = [];

  override revoke({ tag }: SessionRevokeOptions): number {
    for (const [key, found] of this.records) {
      const entry = this.entry(key, found);
      if (entry.tag === tag) this.#revoked.push(entry);
    }
    return super.revoke({ tag });
  }

  override async *entries(): Entries {
    yield* this.#revoked;
    yield* super.entries();
  }
}

class ListsTen extends PlainStore {
  override async *entries(): Entries {
    let count = 0;
    for await (const entry of super.entries()) if (count++ < 10) yield entry;
  }
}

class ListsSeconds extends PlainStore {
  override entry(key: string, found: PlainRecord): SessionEntry {
    const expires = Math.ceil(found.expires / 1_000) * 1_000;
    return super.entry(key, { ...found, expires });
  }
}

class ListsWrongTags extends PlainStore {
  override entry(key: string, found: PlainRecord): SessionEntry {
    return { ...super.entry(key, found), tag: "another" };
  }
}

class ListsNoSizes extends PlainStore {
  override entry(key: string, found: PlainRecord): SessionEntry {
    return { ...super.entry(key, found), size: 0 };
  }
}

class ListsRecords extends PlainStore {
  override entry(key: string, found: PlainRecord): SessionEntry {
    const { record } = found;
    return Object.assign(super.entry(key, found), { record });
  }
}

/** Cuts the id out of bytes that have the record too. */
class ListsViews extends PlainStore {
  override entry(key: string, found: PlainRecord): SessionEntry {
    const { id, record } = found;
    const both = Uint8Array.of(...id, ...record);
    return { ...super.entry(key, found), id: both.subarray(0, id.length) };
  }
}

class SharesIds extends PlainStore {
  override entry(key: string, found: PlainRecord): SessionEntry {
    return { ...super.entry(key, found), id: found.id };
  }
}

/** Reads one after the other by its number. */
class ListsByNumber extends PlainStore {
  override async *entries(): Entries {
    for (let i = 0;; i++) {
      const found = [...this.records][i];
      if (found === undefined) return;
      yield this.entry(...found);
    }
  }
}

class ListsOverAndOver extends PlainStore {
  override async *entries(): Entries {
    while (this.records.size > 0) yield* super.entries();
  }
}

/** Has them wait who write until all have been listed. */
class LocksForList extends PlainStore {
  #locked = false;

  override put(id: Uint8Array, record: Uint8Array, expires: number): void {
    if (this.#locked) throw new Error("locked for a list");
    super.put(id, record, expires);
  }

  override async *entries(): Entries {
    this.#locked = true;
    yield* super.entries();
    this.#locked = false;
  }
}

class ListsOneAtATime extends PlainStore {
  #cursor: Entries | undefined;

  override async *entries(): Entries {
    const cursor = this.#cursor ??= super.entries();
    for (;;) {
      const { done, value } = await cursor.next();
      if (done) break;
      yield value;
    }
    this.#cursor = undefined;
  }
}

class PurgesAll extends PlainStore {
  override purge(): number {
    this.records.clear();
    return 0;
  }
}

class PurgesWithoutNumber extends PlainStore {
  override purge(): number {
    super.purge();
    return NaN;
  }
}

class CountsWhatItKeeps extends PlainStore {
  override purge(): number {
    super.purge();
    return this.records.size;
  }
}

/** Stores that break one promise each, and the words that say which. */
export const BROKEN_UPKEEP_STORES: readonly [
  new (now: () => number) => PlainStore,
  string,
][] = [
  [ListsNothing, "entries lists what is there, and nothing that has gone"],
  [ListsExpired, "and nothing that has gone (2 ids too many, among them ["],
  [ListsTwice, "is 2 times in the list, not once"],
  [ListsRevoked, "entries lists nothing that was revoked"],
  [ListsTen, "entries lists each of 64 sessions once"],
  [ListsSeconds, "entries tells when a session expires, to the millisecond"],
  [ListsWrongTags, "entries tells the tag that a session was set with last"],
  [ListsNoSizes, "entries tells a record's size in bytes (0 received)"],
  [ListsRecords, "no record out (the record is in the entry's record"],
  [ListsViews, "no record out (the record is in the entry's id, or its buffer"],
  [SharesIds, "changing what entries handed out changes no session"],
  [ListsByNumber, "entries lists all that was there from beginning to end"],
  [ListsOverAndOver, "entries ends (more than 1000 were listed)"],
  [LocksForList, "locked for a list"],
  [ListsOneAtATime, "two lists at the same time are both complete"],
  [PurgesAll, "purge leaves what has not expired alone"],
  [PurgesWithoutNumber, "purge returns how many it removed (0 expected, NaN"],
  [CountsWhatItKeeps, "purge returns how many it removed (0 expected, 2"],
];
