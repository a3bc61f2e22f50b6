import { failure } from "../_failures.ts";
import type { SessionEntry } from "../session_store.ts";

/**
 * Makes a call of a binding. What goes wrong says what could not be done, unless
 * no one waits for it any more: then it is the signal's reason.
 */
export async function attempt<T>(
  what: string,
  signal: AbortSignal | undefined,
  body: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await body();
  } catch (error) {
    signal?.throwIfAborted();
    throw failure(what, error);
  }
}

/** Bytes as text for keys and JSON: base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The bytes of such a text; `undefined` for anything else. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
}

/** Bytes as the text that they were, with a byte order mark if it had one. */
export function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** An entry of loose values; `undefined` unless they make one. */
export function entryOf(value: unknown): SessionEntry | undefined {
  const { id, expiresAt, tag, size } = fieldsOf(value);
  const bytes = typeof id === "string" ? fromBase64Url(id) : undefined;
  if (bytes === undefined || typeof size !== "number") return undefined;
  const time = new Date(typeof expiresAt === "number" ? expiresAt : NaN);
  if (Number.isNaN(time.getTime())) return undefined;
  return {
    id: bytes,
    expiresAt: time,
    size,
    ...(typeof tag === "string" && { tag }),
  };
}

/** The fields of what may be an object. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
