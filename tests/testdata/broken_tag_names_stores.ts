import type {
  SessionRevokeOptions,
  SessionSetOptions,
} from "../../src/stores/session_store.ts";
import { PlainStore } from "./broken_stores.ts";

class FoldsCase extends PlainStore {
  override isSame(own: string, tag: string): boolean {
    return own.toLowerCase() === tag.toLowerCase();
  }
}

class ComposesLetters extends PlainStore {
  override isSame(own: string, tag: string): boolean {
    return own.normalize() === tag.normalize();
  }
}

class TrimsTags extends PlainStore {
  override isSame(own: string, tag: string): boolean {
    return own.replace(/ +$/, "") === tag.replace(/ +$/, "");
  }
}

class ReadsToNul extends PlainStore {
  override isSame(own: string, tag: string): boolean {
    return own.split("\0")[0] === tag.split("\0")[0];
  }
}

class SkipsByteOrderMark extends PlainStore {
  override isSame(own: string, tag: string): boolean {
    const decoder = new TextDecoder();
    return decoder.decode(new TextEncoder().encode(own)) === tag;
  }
}

class ComparesStarts extends PlainStore {
  override isSame(own: string, tag: string): boolean {
    return own.startsWith(tag);
  }
}

class CutsTags extends PlainStore {
  override isSame(own: string, tag: string): boolean {
    return own.slice(0, 255) === tag.slice(0, 255);
  }
}

/** As LIKE does in SQL. */
class TakesPatterns extends PlainStore {
  override isSame(own: string, tag: string): boolean {
    const parts = tag.replaceAll(/[^%_\w]/g, "[$&]")
      .replaceAll("%", ".*").replaceAll("_", ".");
    return own === tag || /[%_]/.test(tag) && RegExp(`^${parts}$`).test(own);
  }
}

/** As KEYS does in Redis, of sets of characters. */
class TakesGlobs extends PlainStore {
  override isSame(own: string, tag: string): boolean {
    return own === tag || tag === "[a-z]" && /^[a-z]$/.test(own);
  }
}

class RunsOutOfWords extends PlainStore {
  override isSame(own: string, tag: string): boolean {
    return own === tag && !(tag in {});
  }
}

/** Has one index, of each tag with each id. */
class JoinsTagAndId extends PlainStore {
  readonly #index = new Map<string, string>();

  override set(id: Uint8Array, record: Uint8Array, o: SessionSetOptions): void {
    super.set(id, record, o);
    const hex = Array.from(id, (byte) => byte.toString(16).padStart(2, "0"));
    this.#index.set(`${o.tag ?? ""}${hex.join("")}`, this.key(id));
  }

  override revoke({ tag }: SessionRevokeOptions): number {
    const keys = [...this.#index].filter(([joined]) => joined.startsWith(tag));
    return keys.filter(([, key]) => this.remove(key)).length;
  }
}

/** Stores that break one promise each, and the words that say which. */
export const BROKEN_TAG_NAMES_STORES: readonly [
  new (now: () => number) => PlainStore,
  string,
][] = [
  [FoldsCase, 'revoking the tag "a" leaves the record with the tag "A" alone'],
  [ComposesLetters, 'the tag "\\u{e9}" leaves the record with the tag "e\\u'],
  [TrimsTags, 'the tag "a" leaves the record with the tag "a " alone'],
  [ReadsToNul, 'the tag "a" leaves the record with the tag "a\\u{0}" alone'],
  [SkipsByteOrderMark, 'leaves the record with the tag "\\u{feff}a" alone'],
  [
    ComparesStarts,
    'the tag "_" leaves the record with the tag "__proto__" alone',
  ],
  [
    CutsTags,
    'the tag "aaa...a" leaves the record with the tag "aaa...a" alone',
  ],
  [TakesPatterns, 'revoking the tag "%" leaves the record with the tag "_"'],
  [TakesGlobs, 'the tag "[a-z]" leaves the record with the tag "a" alone'],
  [RunsOutOfWords, 'revoking the tag "__proto__" removes its record'],
  [JoinsTagAndId, "tags and ids that are alike when joined are apart"],
];
