/**
 * What a store and its objects say to each other: POST to
 * `https://session-object/v1/<verb>?now=<the store's time>`.
 *
 * | verb     | body           | answer                                  |
 * | -------- | -------------- | --------------------------------------- |
 * | `get`    | id             | 200 and the record, or 204              |
 * | `take`   | id             | 200 and the record, or 204              |
 * | `set`    | envelope       | 204                                     |
 * | `delete` | id             | 204                                     |
 * | `revoke` | tag in UTF-8   | 200 and how many there were, as text    |
 * | `list`   | none, `&after` | 200 and a page as JSON                  |
 *
 * Anything else is answered with 400, and with a reason that begins with
 * {@linkcode REFUSAL}.
 *
 * @module
 */
import { entryOf, fieldsOf, textOf, toBase64Url } from "./shared.ts";
import type { SessionEntry } from "../session_store.ts";

/** What a store can ask of an object. */
export type Verb = "get" | "take" | "set" | "delete" | "revoke" | "list";

/** Where requests go; the host is never looked up. */
export const BASE = "https://session-object/v1/";

/** Tells an object's own words from what another might answer. */
export const REFUSAL = "refused: ";

/** How many sessions a page lists at most. */
export const PAGE_SIZE = 500;

/** Some of an object's sessions. */
export interface Page {
  readonly entries: readonly SessionEntry[];
  /** Where the next page starts, unless this is the last one. */
  readonly next: number | undefined;
}

/** The bytes of an answer, if there are any; throws if it was refused. */
export function answerOf(
  status: number,
  body: ArrayBuffer,
): Uint8Array | undefined {
  if (status === 204) return undefined;
  const bytes = new Uint8Array(body);
  if (status === 200) return bytes;
  const text = textOf(bytes);
  // Words that aren't the object's own might be anything.
  const reason = text.startsWith(REFUSAL) ? ` (${text})` : "";
  throw new Error(`the session object answered ${status}${reason}`);
}

/** A page as text. */
export function encodePage({ entries, next }: Page): string {
  const rows = entries.map(({ id, expiresAt, tag, size }) => ({
    id: toBase64Url(id),
    expiresAt: expiresAt.getTime(),
    tag,
    size,
  }));
  return JSON.stringify({ entries: rows, next });
}

/** A page of its text, without what makes no sense. */
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
