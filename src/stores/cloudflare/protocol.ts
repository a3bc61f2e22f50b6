/**
 * The protocol between a store and its objects: POST requests to
 * `https://session-object/v1/<verb>?now=<the store's time>`.
 *
 * | verb     | body           | answer                                  |
 * | -------- | -------------- | --------------------------------------- |
 * | `get`    | id             | 200 and the record, or 204              |
 * | `take`   | id             | 200 and the record, or 204              |
 * | `set`    | envelope       | 204                                     |
 * | `delete` | id             | 204                                     |
 * | `revoke` | tag in UTF-8   | 200 and their number, as text           |
 * | `list`   | none, `&after` | 200 and a page as JSON                  |
 *
 * An invalid request is answered with 400 and a reason that starts with {@linkcode REFUSAL}.
 *
 * @module
 */
import { entryOf, fieldsOf, textOf, toBase64Url } from "./shared.ts";
import type { SessionEntry } from "../session_store.ts";

/** A request of a store. */
export type Verb = "get" | "take" | "set" | "delete" | "revoke" | "list";

/** The base URL of requests. The host is not resolved. */
export const BASE = "https://session-object/v1/";

/** The beginning of a reason, to distinguish it from the answer of another server. */
export const REFUSAL = "refused: ";

/** The most sessions of a page. */
export const PAGE_SIZE = 500;

/** A page of an object's sessions. */
export interface Page {
  readonly entries: readonly SessionEntry[];
  /** The start of the next page; `undefined` for the last one. */
  readonly next: number | undefined;
}

/** The body of an answer; `undefined` without one. Throws if the request was refused. */
export function answerOf(
  status: number,
  body: ArrayBuffer,
): Uint8Array | undefined {
  if (status === 204) return undefined;
  const bytes = new Uint8Array(body);
  if (status === 200) return bytes;
  const text = textOf(bytes);
  // The text of another server is not repeated.
  const reason = text.startsWith(REFUSAL) ? ` (${text})` : "";
  throw new Error(`the session object answered ${status}${reason}`);
}

/** Encodes a page. */
export function encodePage({ entries, next }: Page): string {
  const rows = entries.map(({ id, expiresAt, tag, size }) => ({
    id: toBase64Url(id),
    expiresAt: expiresAt.getTime(),
    tag,
    size,
  }));
  return JSON.stringify({ entries: rows, next });
}

/** Decodes a page, without invalid entries. */
export function decodePage(text: string): Page {
  const { entries, next } = parse(text);
  const rows: unknown[] = Array.isArray(entries) ? entries : [];
  return {
    entries: rows.map(entryOf).filter((entry) => entry !== undefined),
    next: typeof next === "number" ? next : undefined,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}
