/**
 * The arguments of a session store's methods.
 *
 * @module
 */

import { received } from "./received.ts";
import { byteView } from "./byte_view.ts";

/** The longest id in bytes. OpenSSL's ids have 32; clients use the names of hosts. */
const MAX_ID_BYTES = 1024;

/** Throws unless `id` is a Uint8Array of at most 1024 bytes. */
export function checkId(id: Uint8Array): void {
  checkBytes("id", id);
  if (id.length > MAX_ID_BYTES) {
    throw new RangeError(
      `Cannot use the session store: id must be at most ${MAX_ID_BYTES} bytes, received ${id.length}`,
    );
  }
}

/** The longest tag in bytes of UTF-8. */
const MAX_TAG_BYTES = 256;

/**
 * Checks the arguments of `set`, and returns the expiry in milliseconds since the epoch. It
 * is never NaN, which no time would exceed.
 */
export function checkSetArguments(
  id: Uint8Array,
  record: Uint8Array,
  { expiresAt, tag }: { readonly expiresAt: Date; readonly tag?: string },
): number {
  checkId(id);
  checkBytes("record", record);
  if (tag !== undefined) checkTag(tag);
  if (!(expiresAt instanceof Date)) {
    throw new TypeError(
      `Cannot store the session: expiresAt must be a Date, received ${
        received(expiresAt)
      }`,
    );
  }
  const time = expiresAt.getTime();
  if (Number.isNaN(time)) {
    throw new RangeError(
      "Cannot store the session: expiresAt must be a valid date, received an invalid one",
    );
  }
  return time;
}

/** Throws unless `tag` is a well-formed string of 1 to 256 bytes: lone surrogates would be equal in UTF-8. */
export function checkTag(tag: string): void {
  if (typeof tag !== "string") {
    throw new TypeError(
      `Cannot use the session store: tag must be a string, received ${
        received(tag)
      }`,
    );
  }
  const { length } = new TextEncoder().encode(tag);
  if (length < 1 || length > MAX_TAG_BYTES || !tag.isWellFormed()) {
    throw new RangeError(
      `Cannot use the session store: tag must be 1 to ${MAX_TAG_BYTES} bytes of well-formed UTF-8, received ${length}`,
    );
  }
}

function checkBytes(name: string, value: unknown): void {
  byteView(value, `Cannot use the session store: ${name}`);
}
