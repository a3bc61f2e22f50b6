import { received } from "../internal/received.ts";
import { byteView } from "../internal/byte_view.ts";
import type { SessionSetOptions } from "./session_store.ts";

/** Far more than OpenSSL's ids have, or the names under which clients keep sessions. */
const MAX_ID_BYTES = 1024;

/** Throws unless `id` is bytes, and not too many. */
export function checkId(id: Uint8Array): void {
  checkBytes("id", id);
  if (id.length > MAX_ID_BYTES) {
    throw new RangeError(
      `Cannot use the session store: id must be at most ${MAX_ID_BYTES} bytes, received ${id.length}`,
    );
  }
}

/** At most how many bytes of UTF-8 a tag has. */
const MAX_TAG_BYTES = 256;

/**
 * Checks the arguments of `set`, and returns the expiry in milliseconds since
 * the epoch: never NaN, which would compare as "not yet" for ever.
 */
export function checkSetArguments(
  id: Uint8Array,
  record: Uint8Array,
  { expiresAt, tag }: SessionSetOptions,
): number {
  checkId(id);
  checkBytes("record", record);
  if (tag !== undefined) checkTag(tag);
  if (!(expiresAt instanceof Date)) {
    throw new TypeError(
      `Cannot store the session: expiresAt must be a Date, received ${
        describe(expiresAt)
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

/** Throws unless `tag` is one: well-formed, so that no two are one in UTF-8. */
export function checkTag(tag: string): void {
  if (typeof tag !== "string") {
    throw new TypeError(
      `Cannot use the session store: tag must be a string, received ${
        describe(tag)
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

/** Returns the option `name` if it is a whole number of at least `least`. */
export function checkCount(name: string, value: number, least: number): number {
  if (typeof value !== "number") {
    throw new TypeError(
      `Cannot create the session store: ${name} must be a number, received ${
        describe(value)
      }`,
    );
  }
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(
      `Cannot create the session store: ${name} must be a whole number of at least ${least}, received ${
        received(value)
      }`,
    );
  }
  return value;
}

/** Returns the option `prefix` if it is a text, and one of a kind in UTF-8. */
export function checkPrefix(prefix: string): string {
  if (typeof prefix !== "string") {
    throw new TypeError(
      `Cannot create the session store: prefix must be a string, received ${
        describe(prefix)
      }`,
    );
  }
  if (prefix.isWellFormed()) return prefix;
  throw new RangeError(
    "Cannot create the session store: prefix must be well-formed text",
  );
}

/** Throws a `TypeError` unless `path` names a file. */
export function checkPath(path: string | URL): void {
  if (path instanceof URL || (typeof path === "string" && path !== "")) return;
  throw new TypeError(
    `Cannot create the session store: path must be a URL or a non-empty string, received ${
      path === "" ? "an empty one" : typeof path
    }`,
  );
}

/** Returns the option `synchronous` if it is one. */
export function checkSynchronous(value: "normal" | "full"): "normal" | "full" {
  if (value === "normal" || value === "full") return value;
  throw new RangeError(
    `Cannot create the session store: synchronous must be "normal" or "full", received ${
      received(value)
    }`,
  );
}

function checkBytes(name: string, value: unknown): void {
  byteView(value, `Cannot use the session store: ${name}`);
}

function describe(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object"
    ? value.constructor?.name ?? "an object"
    : typeof value;
}
