import type { SessionEntry } from "../session_store.ts";

/** Encodes bytes in base64url without padding, for keys and JSON. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Decodes base64url without padding; `undefined` for other text. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
}

/** Decodes UTF-8. A byte order mark is kept. */
export function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** An entry of a list, from JSON; `undefined` for other values. */
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

/** The properties of a value; none if it is not an object. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
