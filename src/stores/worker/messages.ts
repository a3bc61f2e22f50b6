/**
 * The messages between the two sides of a served store. Each has `sesame: 1`, to distinguish it
 * from others on the same port. `n` is the number of a call, which the calling side chooses.
 *
 * @module
 */

import type { RemovalReason, SessionEntry } from "../session_store.ts";

const VERSION = 1;

/** A request to the owner of the store. */
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
  /** Starts a list, which has the number of the call, and requests its first page. */
  | { call: "list" }
  /** Requests the next page of a list. */
  | { call: "next"; list: number }
  /** Cancels a call or a list. */
  | { call: "cancel" };

/** The answer of the owner. */
export type Answer =
  | { answer: unknown }
  | { error: { name: string; message: string } };

/** A page of a list, and whether there may be more. */
export interface Page {
  readonly entries: readonly SessionEntry[];
  readonly more: boolean;
}

/** The fields of a message, not checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** A request or answer as a message. */
export function callMessage(n: number, content: Request | Answer): object {
  return { sesame: VERSION, n, ...content };
}

/** The last message of an owner: it answers no more calls. */
export function closedMessage(): object {
  return { sesame: VERSION, closed: true };
}

/** The fields of a message of a served store; `undefined` for other messages. */
export function fieldsOf(message: unknown): Fields | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const fields: Fields = Object.assign(Object.create(null), message);
  return fields["sesame"] === VERSION ? fields : undefined;
}

/** The number of a call in a message. */
export function numberOf({ n }: Fields): number | undefined {
  return typeof n === "number" && Number.isSafeInteger(n) ? n : undefined;
}

/** The bytes in a buffer without other bytes, which can be transferred. */
export function transferable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer &&
      buffer.byteLength === bytes.byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}
