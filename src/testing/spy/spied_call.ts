import { toHex } from "../../internal/bytes.ts";
import type { RemovalReason } from "../../stores/session_store.ts";
import type { StoreMethod } from "../_store_calls.ts";

/**
 * The outcome of a call: `"hit"` and `"miss"` of `get` and `take`, `"done"` of the other
 * methods, `"error"` if it threw or rejected, and `"pending"` until it ends.
 */
export type StoreCallOutcome = "pending" | "hit" | "miss" | "done" | "error";

/** A recorded call of a store. */
export interface StoreCall {
  /** The store's method. */
  readonly operation: StoreMethod;
  /** The time of the call in milliseconds since the epoch. */
  readonly at: number;
  /** The outcome. */
  readonly outcome: StoreCallOutcome;
  /** The duration in milliseconds, once the call has ended. */
  readonly duration?: number;
  /** A copy of the session id. */
  readonly id?: Uint8Array;
  /** The signal. */
  readonly signal?: AbortSignal;
  /** The expiry of a `set`. */
  readonly expiresAt?: Date;
  /** The tag of a `set` or `revoke`. */
  readonly tag?: string;
  /** The reason of a `delete`. */
  readonly reason?: RemovalReason;
  /** The length in bytes of the record that was stored or found. */
  readonly size?: number;
  /** The number of sessions that a `revoke` or `purge` reports, or `entries` listed. */
  readonly count?: number;
  /** The error of a failed call. */
  readonly error?: unknown;
  /**
   * A copy of the record that was stored or found, with `keepRecords`. It holds a master
   * secret, so it is not enumerable, and isn't printed with the call.
   */
  readonly record?: Uint8Array;
}

/** A call that is pending. */
export type OpenCall = { -readonly [Key in keyof StoreCall]: StoreCall[Key] };

/** Keeps a copy of a record in a property that isn't enumerable. */
export function keepRecord(call: OpenCall, record: Uint8Array): void {
  Object.defineProperty(call, "record", { value: new Uint8Array(record) });
}

/** A call as one line of text, without the record. */
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
