import { checkId } from "../../internal/session_arguments.ts";
import { checkPrefix } from "../_options.ts";
import {
  entryOf,
  fieldsOf,
  fromBase64Url,
  textOf,
  toBase64Url,
} from "./shared.ts";
import type { SessionEntry } from "../session_store.ts";

/** What KV has for a key. */
const MAX_KEY_BYTES = 512;
const MAX_PREFIX_BYTES = 256;
/** "tag/", a SHA-256 in base64url, "/": what ids share a key with, at most. */
const TAG_KEY_BYTES = 4 + 43 + 1;

/** The keys of a store: `<prefix>id/<id>`, and `<prefix>tag/<tag>/<id>`. */
export class KvKeys {
  /** What the keys of all sessions begin with. */
  readonly sessions: string;
  readonly #tags: string;
  readonly #maxIdBytes: number;

  constructor(prefix: string) {
    const room = MAX_KEY_BYTES - TAG_KEY_BYTES - lengthOf(checkPrefix(prefix));
    this.sessions = `${prefix}id/`;
    this.#tags = `${prefix}tag/`;
    this.#maxIdBytes = Math.floor(room * 3 / 4);
  }

  /** The key of a session; throws unless the id is one, and not too long. */
  ofSession(id: Uint8Array): string {
    checkId(id);
    if (id.length > this.#maxIdBytes) {
      throw new RangeError(
        `Cannot use the session store: id must be at most ${this.#maxIdBytes} bytes to fit into a key of KV, received ${id.length}`,
      );
    }
    return this.sessions + toBase64Url(id);
  }

  /** The key that leads from a tag to a session. */
  async ofTag(tag: string, id: Uint8Array): Promise<string> {
    return await this.prefixOfTag(tag) + toBase64Url(id);
  }

  /** What a tag's keys begin with: of fixed length, which a tag is not. */
  async prefixOfTag(tag: string): Promise<string> {
    const bytes = new TextEncoder().encode(tag);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    return `${this.#tags}${toBase64Url(new Uint8Array(digest))}/`;
  }
}

/**
 * What a key says of its session, in the 1024 bytes of JSON that KV has for it:
 * the tag in base64url, as JSON can make six bytes of one.
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

/** The entry of a key's last part and its metadata, if they make one. */
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

/** How many bytes the prefix has; throws if they are too many. */
function lengthOf(prefix: string): number {
  const { length } = new TextEncoder().encode(prefix);
  if (length <= MAX_PREFIX_BYTES) return length;
  throw new RangeError(
    `Cannot create the session store: prefix must be at most ${MAX_PREFIX_BYTES} bytes of UTF-8, received ${length}`,
  );
}
