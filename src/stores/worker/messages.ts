/**
 * What the two sides of a served store send each other. All messages have
 * `sesame: 1`, by which others on the same port are told apart. `n` is the
 * number of a call, chosen by the side that makes it.
 *
 * @module
 */

import type { RemovalReason, SessionEntry } from "../session_store.ts";

const VERSION = 1;

/** What the owner of the store is asked. */
export type Request =
  | { call: "get" | "take"; id: Uint8Array }
  | {
    call: "set";
    id: Uint8Array;
    record: Uint8Array;
    expiresAt: Date;
    tag?: string;
  }
  | { call: "delete"; id: Uint8Array; reason: RemovalReason }
  | { call: "revoke"; tag: string }
  | { call: "purge" }
  /** Begins a list, known by the call's number, and asks for its first page. */
  | { call: "list" }
  /** Asks for the next page of a list. */
  | { call: "next"; list: number }
  /** Says that the answer, or the rest of the list, is not wanted any more. */
  | { call: "cancel" };

/** How the owner answers a call. */
export type Answer =
  | { answer: unknown }
  | { error: { name: string; message: string } };

/** Some entries of a list, and whether there may be more. */
export interface Page {
  readonly entries: readonly SessionEntry[];
  readonly more: boolean;
}

/** A part of a message, not checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** A request or answer as a message. */
export function messageOf(n: number, content: Request | Answer): object {
  return { sesame: VERSION, n, ...content };
}

/** The last message of an owner: calls are not answered any more. */
export function farewell(): object {
  return { sesame: VERSION, closed: true };
}

/** A message of ours, or `undefined` for all others. */
export function fieldsOf(message: unknown): Fields | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const fields: Fields = Object.assign(Object.create(null), message);
  return fields["sesame"] === VERSION ? fields : undefined;
}

/** The number of the call that a message is about. */
export function numberOf({ n }: Fields): number | undefined {
  return typeof n === "number" && Number.isSafeInteger(n) ? n : undefined;
}

/** The same bytes in a buffer that has no others, and can be transferred. */
export function transferable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer &&
      buffer.byteLength === bytes.byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}
