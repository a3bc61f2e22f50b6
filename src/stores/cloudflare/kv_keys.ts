import { optionRangeError } from "../../internal/option_error.ts";
import { checkId } from "../../internal/session_arguments.ts";
import { checkedText } from "../_options.ts";
import {
  entryOf,
  fieldsOf,
  fromBase64Url,
  textOf,
  toBase64Url,
} from "./shared.ts";
import type { SessionEntry } from "../session_store.ts";

/** The longest key of KV, and the longest prefix. */
const MAX_KEY_BYTES = 512;
const MAX_PREFIX_BYTES = 256;
/** The length of "tag/", a SHA-256 in base64url, and "/": what precedes an id in a key. */
const TAG_KEY_BYTES = 4 + 43 + 1;

/** The keys of a store: `<prefix>id/<id>` and `<prefix>tag/<tag>/<id>`. */
export class KvKeys {
  /** The prefix of the keys of sessions. */
  readonly sessions: string;
  readonly #tags: string;
  readonly #maxIdBytes: number;

  constructor(prefix: string) {
    const room = MAX_KEY_BYTES - TAG_KEY_BYTES -
      lengthOf(checkedText(prefix, "prefix"));
    this.sessions = `${prefix}id/`;
    this.#tags = `${prefix}tag/`;
    this.#maxIdBytes = Math.floor(room * 3 / 4);
  }

  /** The key of a session. Throws if the id is invalid or too long. */
  ofSession(id: Uint8Array): string {
    checkId(id);
    if (id.length > this.#maxIdBytes) {
      throw new RangeError(
        `Cannot use the session store: id must be at most ${this.#maxIdBytes} bytes, the limit of KV keys, received ${id.length}`,
      );
    }
    return this.sessions + toBase64Url(id);
  }

  /** The key of a session under its tag. */
  async ofTag(tag: string, id: Uint8Array): Promise<string> {
    return await this.prefixOfTag(tag) + toBase64Url(id);
  }

  /** The prefix of the keys under a tag, which has a fixed length. */
  async prefixOfTag(tag: string): Promise<string> {
    const bytes = new TextEncoder().encode(tag);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    return `${this.#tags}${toBase64Url(new Uint8Array(digest))}/`;
  }
}

/**
 * The metadata of a key, which is limited to 1024 bytes of JSON. The tag is in base64url, as JSON
 * may need six bytes for one.
 */
export function metadataOf(
  expiresAt: number,
  size: number,
  tag: string | undefined,
): Record<string, unknown> {
  const bytes = new TextEncoder().encode(tag);
  return {
    expiresAt,
    size,
    ...(tag !== undefined && { tag: toBase64Url(bytes) }),
  };
}

/** The entry of an id in base64url and the metadata of its key; `undefined` if they are invalid. */
export function entryFrom(
  id: string,
  metadata: unknown,
): SessionEntry | undefined {
  const { tag, ...fields } = fieldsOf(metadata);
  const bytes = typeof tag === "string" ? fromBase64Url(tag) : undefined;
  return entryOf({
    ...fields,
    id,
    ...(bytes && { tag: textOf(bytes) }),
  });
}

/** The length of the prefix in bytes. Throws if it is too long. */
function lengthOf(prefix: string): number {
  const { length } = new TextEncoder().encode(prefix);
  if (length <= MAX_PREFIX_BYTES) return length;
  throw optionRangeError(
    "prefix",
    `must be at most ${MAX_PREFIX_BYTES} bytes of UTF-8, received ${length}`,
  );
}
