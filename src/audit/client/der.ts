import { concat } from "../../internal/bytes.ts";
import { type DerValue, derValue } from "../../testing/trace/der.ts";
import { Reader } from "../../testing/trace/reader.ts";

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const SEQUENCE = 0x30;
const CONTEXT = 0xa0;
/** Lengths from here on have bytes of their own. */
const LONG = 0x80;

/**
 * The values that follow each other in `bytes`.
 *
 * @throws {TypeError} If they aren't whole.
 */
export function derValues(bytes: Uint8Array): DerValue[] {
  const reader = new Reader(bytes);
  const values = reader.list(derValue);
  if (reader.isMalformed) throw new TypeError("The DER is malformed");
  return values;
}

/**
 * The only value in `bytes`.
 *
 * @throws {TypeError} If there is none, or more follow.
 */
export function onlyDerValue(bytes: Uint8Array): DerValue {
  const [value, ...rest] = derValues(bytes);
  if (value === undefined || rest.length > 0) {
    throw new TypeError("The DER is not one value");
  }
  return value;
}

/** A value as bytes: its content is what `parts` are, one after the other. */
export function toDer(
  tag: number,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return concat([Uint8Array.of(tag, ...lengthOf(length)), ...parts]);
}

/** A SEQUENCE. */
export function derSequence(parts: readonly Uint8Array[]): Uint8Array {
  return toDer(SEQUENCE, ...parts);
}

/** An explicit tag of the context around a value. */
export function derTagged(number: number, value: Uint8Array): Uint8Array {
  return toDer(CONTEXT | number, value);
}

/** An OCTET STRING. */
export function derOctets(bytes: Uint8Array): Uint8Array {
  return toDer(OCTET_STRING, bytes);
}

/** An INTEGER that isn't negative. */
export function derInteger(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest >= 1; rest = Math.floor(rest / 256)) {
    bytes.unshift(rest % 256);
  }
  if ((bytes[0] ?? LONG) >= LONG) bytes.unshift(0);
  return toDer(INTEGER, Uint8Array.from(bytes));
}

/** The number that an INTEGER's content is, if it isn't negative. */
export function derNumber({ content }: DerValue): number {
  return content.reduce((sum, byte) => sum * 256 + byte, 0);
}

function lengthOf(length: number): number[] {
  if (length < LONG) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return [LONG + bytes.length, ...bytes];
}
