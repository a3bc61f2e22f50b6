import { toHex } from "../../internal/bytes.ts";
import type { RemovalReason } from "../../stores/session_store.ts";
import type { StoreMethod } from "../_store_calls.ts";

/**
 * How a call ended: `"hit"` and `"miss"` are those of `get` and `take`, `"done"` is that of
 * the others, `"error"` is one that threw or rejected.
 */
export type StoreCallOutcome = "pending" | "hit" | "miss" | "done" | "error";

/** What a store was asked, and how it went. */
export interface StoreCall {
  /** The store's method. */
  readonly operation: StoreMethod;
  /** When it was called, in milliseconds since the epoch. */
  readonly at: number;
  /** How it ended, or that it hasn't. */
  readonly outcome: StoreCallOutcome;
  /** How long it took, in milliseconds, once it has ended. */
  readonly duration?: number;
  /** A copy of the session id. */
  readonly id?: Uint8Array;
  /** The signal. */
  readonly signal?: AbortSignal;
  /** Of a `set`: when the record expires. */
  readonly expiresAt?: Date;
  /** Of a `set` or `revoke`: the tag. */
  readonly tag?: string;
  /** Of a `delete`: why. */
  readonly reason?: RemovalReason;
  /** The length in bytes of the record that was stored or found. */
  readonly size?: number;
  /** How many sessions a `revoke` or `purge` says it removed, or `entries` listed. */
  readonly count?: number;
  /** Why it failed. */
  readonly error?: unknown;
  /**
   * A copy of the record that was stored or found, if the spy was told to keep them. It
   * holds a master secret: not enumerable, so that nothing prints it by accident.
   */
  readonly record?: Uint8Array;
}

/** A call while it is under way. */
export type OpenCall = { -readonly [Key in keyof StoreCall]: StoreCall[Key] };

/** Puts a copy of a record where it can be asked for and isn't shown. */
export function keepRecord(call: OpenCall, record: Uint8Array): void {
  Object.defineProperty(call, "record", { value: new Uint8Array(record) });
}

/** A call in a line, without the record. */
export function lineOf(call: StoreCall): string {
  const { operation, outcome, id, tag, reason, expiresAt, size } = call;
  const what = [
    operation,
    id && abbreviated(id),
    expiresAt && `until ${textOf(expiresAt)}`,
    tag !== undefined && `tag ${JSON.stringify(tag)}`,
    reason,
  ];
  const how = [
    outcome,
    size !== undefined && `${size} bytes`,
    call.count !== undefined && `${call.count} sessions`,
    outcome === "error" && String(call.error),
    call.duration !== undefined && `${call.duration} ms`,
  ];
  return `${what.filter(Boolean).join(" ")} -> ${
    how.filter(Boolean).join(", ")
  }`;
}

function abbreviated(id: Uint8Array): string {
  const shown = toHex(id.subarray(0, 8));
  return id.length > 8 ? `${shown}...` : shown;
}

function textOf(date: Date): string {
  return Number.isNaN(date.getTime()) ? "an invalid date" : date.toISOString();
}
