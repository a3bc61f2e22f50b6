import type { Reader } from "./reader.ts";

/** A value of ASN.1 in DER: its tag and its content. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** Reads the next value. Tags have one byte, and contents fewer than 2^24. */
export function derValue(reader: Reader): DerValue {
  const tag = reader.uint(1);
  const short = reader.uint(1);
  if (short < 0x80) return { tag, content: reader.take(short) };
  const size = short & 0x7f;
  if (size === 0 || size > 3) reader.fail();
  return { tag, content: reader.take(reader.uint(Math.min(size, 3))) };
}
