/** Checks of arguments, before they are passed to C. */

import { received } from "../internal/received.ts";
import { byteView } from "../internal/byte_view.ts";

/** `value` as a C integer from `min` to `max`. */
export function int(
  value: number,
  name: string,
  min = -0x8000_0000,
  max = 0x7fff_ffff,
): number {
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number, received ${typeof value}`);
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(
      `${name} must be an integer from ${min} to ${max}, received ${
        received(value)
      }`,
    );
  }
  return value;
}

/** `value` as an unsigned C integer. */
export function uint(value: number, name: string, max = 0xffff_ffff): number {
  return int(value, name, 0, max);
}

/** `value` as a 64-bit count of seconds. */
export function seconds(value: number, name: string): bigint {
  return BigInt(
    int(value, name, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  );
}

/** `value` as Unix seconds, rounded down. */
export function date(value: Date, name: string): bigint {
  if (!(value instanceof Date)) {
    throw new TypeError(`${name} must be a Date, received ${typeof value}`);
  }
  const time = value.getTime();
  if (Number.isNaN(time)) {
    throw new RangeError(
      `${name} must be a valid date, received an invalid one`,
    );
  }
  return BigInt(Math.floor(time / 1000));
}

/** `value` as an object: an out-parameter, or the result of a callback. */
export function record<T extends object>(value: T, name: string): T {
  if (typeof value === "object" && value !== null) return value;
  throw new TypeError(`${name} must be an object, received ${typeof value}`);
}

/** `value` as a list. */
export function list<T>(value: readonly T[], name: string): readonly T[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`${name} must be an array, received ${typeof value}`);
}

/** `value` as a signed 64-bit integer. */
export function int64(value: bigint, name: string): bigint {
  if (typeof value !== "bigint") {
    throw new TypeError(`${name} must be a bigint, received ${typeof value}`);
  }
  if (value !== BigInt.asIntN(64, value)) {
    throw new RangeError(
      `${name} must fit into 64 bits with its sign, received ${
        received(value)
      }`,
    );
  }
  return value;
}

/** `value` as text, in UTF-8. */
export function utf8(value: string, name: string): Uint8Array {
  if (typeof value === "string") return new TextEncoder().encode(value);
  throw new TypeError(`${name} must be a string, received ${typeof value}`);
}

/** `value` as a 64-bit set of options. */
export function bits(value: bigint, name: string): bigint {
  if (typeof value !== "bigint") {
    throw new TypeError(`${name} must be a bigint, received ${typeof value}`);
  }
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) {
    throw new RangeError(
      `${name} must have at most 64 bits, received ${received(value)}`,
    );
  }
  return value;
}

/** `value` as a plain view of its bytes, at most `max` of them. */
export function bytes(
  value: Uint8Array,
  name: string,
  max = 0x7fff_ffff,
): Uint8Array {
  const view = byteView(value, name);
  if (view.length > max) {
    throw new RangeError(
      `${name} must be at most ${max} bytes, received ${view.length}`,
    );
  }
  return view;
}

/** `value` as a callback, or `null` to remove it. */
export function callback<F extends (...args: never[]) => unknown>(
  value: F | null,
  name: string,
): F | null {
  if (value !== null && typeof value !== "function") {
    throw new TypeError(
      `${name} must be a function or null, received ${typeof value}`,
    );
  }
  return value;
}
