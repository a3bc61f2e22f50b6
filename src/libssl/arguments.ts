/** Checks of what a program passes, before it reaches C. */

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
      `${name} must be an integer from ${min} to ${max}, received ${value}`,
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

/** `value` as a 64-bit set of options. */
export function bits(value: bigint, name: string): bigint {
  if (typeof value !== "bigint") {
    throw new TypeError(`${name} must be a bigint, received ${typeof value}`);
  }
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) {
    throw new RangeError(
      `${name} must have at most 64 bits, received ${value}`,
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

/** `value` as a callback, or `null` to clear it. */
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
